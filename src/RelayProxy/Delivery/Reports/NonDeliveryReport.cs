using System.Buffers;
using System.Text;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Delivery.Reports;

/// <summary>
/// Writes a report as mail: multipart/report (RFC 6522) of a part for people (<see cref="ReportText"/>), a part for programs
/// (RFC 3464; RFC 6533 where there is UTF-8) and the message's header section, or all of it.
/// </summary>
internal static class NonDeliveryReport
{
    /// <param name="id">The report's own queue id, for its Message-ID.</param>
    /// <param name="boundary">Must not occur in what is returned: chosen at random.</param>
    public static void Write(IBufferWriter<byte> output, DeliveryReport report, QueueId id, string boundary)
    {
        bool utf8 = report.IsInternational;
        var text = new StringBuilder();
        AppendHeader(text, report, id, boundary);

        AppendPart(text, boundary, $"text/plain; charset={(utf8 ? "utf-8" : "us-ascii")}", utf8, "Notification");
        ReportText.Append(text, report);

        AppendPart(text, boundary, utf8 ? "message/global-delivery-status" : "message/delivery-status", utf8, "Delivery report");
        AppendStatus(text, report);

        AppendReturned(text, output, report, boundary);
        Put(output, $"\r\n--{boundary}--\r\n");
    }

    private static void AppendHeader(StringBuilder text, DeliveryReport report, QueueId id, string boundary)
    {
        string from = new Mailbox("MAILER-DAEMON", report.HostName).ToString();
        text.Append("From: Mail Delivery System <").Append(from).Append(">\r\n");
        text.Append("To: <").Append(ReportEncoding.Printable(report.To.ToString(), report.IsInternational)).Append(">\r\n");
        text.Append("Subject: ").Append(ReportText.Subject(report)).Append("\r\n");
        text.Append("Date: ").Append(InternetDate.Format(report.Now)).Append("\r\n");
        text.Append("Message-ID: <").Append(id).Append(".report@").Append(report.HostName).Append(">\r\n");
        if (IsMessageId(report.Message.MessageId))
        {
            text.Append("In-Reply-To: ").Append(report.Message.MessageId).Append("\r\n");
        }

        // RFC 3834 §5: so that nothing answers it.
        text.Append("Auto-Submitted: auto-replied\r\n");
        text.Append("MIME-Version: 1.0\r\n");
        text.Append("Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"").Append(boundary).Append("\"\r\n");
        text.Append("Content-Transfer-Encoding: ").Append(IsEightBit(report) ? "8bit" : "7bit").Append("\r\n");
        text.Append("\r\nThis is a delivery report in MIME format.\r\n");
    }

    private static void AppendStatus(StringBuilder text, DeliveryReport report)
    {
        bool utf8 = report.IsInternational;
        ReportEncoding.AppendField(text, "Reporting-MTA", "dns; " + report.HostName);
        if (report.Message.Envelope.EnvelopeId is { } xtext)
        {
            string envelopeId = Xtext.TryDecode(xtext, out string plain) ? plain : xtext;
            ReportEncoding.AppendField(text, "Original-Envelope-Id", ReportEncoding.Printable(envelopeId, utf8));
        }

        ReportEncoding.AppendField(text, "Arrival-Date", InternetDate.Format(Local(report.Message.ReceivedAt, report)));
        foreach (ReportedRecipient recipient in report.Recipients)
        {
            text.Append("\r\n");
            AppendStatus(text, report, recipient);
        }
    }

    private static void AppendStatus(StringBuilder text, DeliveryReport report, ReportedRecipient reported)
    {
        bool utf8 = report.IsInternational;
        if (reported.Recipient.OriginalRecipient is { } orcpt)
        {
            ReportEncoding.AppendField(text, "Original-Recipient", ReportEncoding.OriginalRecipient(orcpt, utf8));
        }

        ReportEncoding.AppendField(text, "Final-Recipient", ReportEncoding.TypedAddress(reported.Recipient.Address, utf8));
        ReportEncoding.AppendField(text, "Action", report.Action switch
        {
            ReportAction.Failed => "failed",
            ReportAction.Delayed => "delayed",
            ReportAction.Relayed => "relayed",
            ReportAction.Delivered => "delivered",
        });
        ReportEncoding.AppendField(text, "Status", reported.Reply.EnhancedCode);
        if (reported.RemoteMta.Length > 0)
        {
            ReportEncoding.AppendField(text, "Remote-MTA", "dns; " + ReportEncoding.Printable(reported.RemoteMta, utf8));
        }

        // "smtp" says that a server's reply follows; our own words have a type of their own (RFC 3464 §2.3.6).
        string type = reported.RemoteMta.Length > 0 ? "smtp; " : "x-relayproxy; ";
        ReportEncoding.AppendField(text, "Diagnostic-Code", type + ReportEncoding.Printable(reported.Reply.ToString(), utf8));
        if (reported.LastAttempt is { } lastAttempt)
        {
            ReportEncoding.AppendField(text, "Last-Attempt-Date", InternetDate.Format(Local(lastAttempt, report)));
        }

        ReportEncoding.AppendField(text, "Final-Log-ID", report.Message.Id.ToString());
        if (report.WillRetryUntil is { } until)
        {
            ReportEncoding.AppendField(text, "Will-Retry-Until", InternetDate.Format(Local(until, report)));
        }
    }

    private static void AppendReturned(StringBuilder text, IBufferWriter<byte> output, DeliveryReport report, string boundary)
    {
        if (report.Returned.IsEmpty)
        {
            // The third part is optional (RFC 6522 §3): a message that can no longer be read is reported without it.
            Put(output, text.ToString());
            return;
        }

        bool eightBit = HasEightBit(report.Returned.Span);
        bool global = report.IsInternational && (report.Message.Traits & ContentTraits.Utf8Header) != 0;
        string type = (report.ReturnsAll, global) switch
        {
            (true, true) => "message/global",
            (true, false) => "message/rfc822",
            (false, true) => "message/global-headers",
            (false, false) => "text/rfc822-headers",
        };

        // Only the text type may be encoded; the others travel as they are (RFC 2046 §5.2.1).
        bool encode = eightBit && type == "text/rfc822-headers";
        text.Append("\r\n--").Append(boundary).Append("\r\nContent-Type: ").Append(type).Append("\r\n");
        text.Append("Content-Description: ").Append(report.ReturnsAll ? "Undelivered message" : "Header of the message").Append("\r\n");
        if (eightBit)
        {
            text.Append("Content-Transfer-Encoding: ").Append(encode ? "quoted-printable" : "8bit").Append("\r\n");
        }

        text.Append("\r\n");
        Put(output, text.ToString());
        output.Write(encode ? ReportEncoding.QuotedPrintable(report.Returned.Span) : report.Returned.Span);
    }

    private static void AppendPart(StringBuilder text, string boundary, string type, bool utf8, string description)
    {
        text.Append("\r\n--").Append(boundary).Append("\r\nContent-Type: ").Append(type).Append("\r\n");
        text.Append("Content-Description: ").Append(description).Append("\r\n");
        if (utf8)
        {
            text.Append("Content-Transfer-Encoding: 8bit\r\n");
        }

        text.Append("\r\n");
    }

    private static bool IsEightBit(DeliveryReport report) =>
        report.IsInternational || (report.ReturnsAll && HasEightBit(report.Returned.Span));

    private static bool HasEightBit(ReadOnlySpan<byte> octets) => !Ascii.IsValid(octets);

    private static DateTimeOffset Local(DateTimeOffset date, DeliveryReport report) => date.ToOffset(report.Now.Offset);

    // Only what cannot become two fields, and fits on a line.
    private static bool IsMessageId(string text) =>
        text.Length is > 2 and < 900 && text[0] == '<' && text[^1] == '>' && text.All(letter => letter is > ' ' and < '\x7f');

    private static void Put(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
