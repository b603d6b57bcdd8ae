Console.WriteLine("relayproxy");
