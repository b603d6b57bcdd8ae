using RelayProxy.Faults;

// A relay, its smarthost and its client in a machine that can be cut off.
if (args is ["machine", var queue, var letters])
{
    await new CutMachine(queue, letters).RunAsync();
    return;
}

// A queue store that does what its arguments say, in a process of its own, so that its disk can be made to fail and it can be
// killed. Each step answers with a line.
await using var script = new StoreScript(folder: args[0]);
foreach (string step in args.Skip(1))
{
    Console.WriteLine($"{step}: {await script.RunAsync(step)}");
}
