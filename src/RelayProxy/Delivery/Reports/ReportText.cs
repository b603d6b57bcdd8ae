using System.Globalization;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Delivery.Reports;

/// <summary>The part of a report that people read: what happened, to which address, in whose words, and what happens next.</summary>
internal static class ReportText
{
    public static string Subject(DeliveryReport report) => (report.Action, report.ForPostmaster) switch
    {
        (ReportAction.Failed, false) => "Undelivered mail returned to sender",
        (ReportAction.Failed, true) => "Undelivered mail without a sender to return it to",
        (ReportAction.Delayed, _) => "Delayed mail, still being tried",
        (ReportAction.Relayed, _) => "Mail was passed on",
        (ReportAction.Delivered, _) => "Mail was delivered",
    };

    public static void Append(StringBuilder text, DeliveryReport report)
    {
        bool utf8 = report.IsInternational;
        ReportEncoding.AppendText(text, Opening(report));
        foreach (ReportedRecipient recipient in report.Recipients)
        {
            text.Append("\r\n");
            ReportEncoding.AppendText(text, $"<{ReportEncoding.Printable(recipient.Recipient.Address.ToString(), utf8)}>", indent: 2);
            ReportEncoding.AppendText(text, Cause(report, recipient), indent: 4);
            ReportEncoding.AppendText(text, ReportEncoding.Printable(recipient.Reply.ToString(), utf8), indent: 4);
        }

        text.Append("\r\n");
        ReportEncoding.AppendText(text, Next(report));
        text.Append("\r\n");
        ReportEncoding.AppendText(text, $"The message has the queue id {report.Message.Id} at {report.HostName}, which took it in on "
            + $"{InternetDate.Format(report.Message.ReceivedAt.ToOffset(report.Now.Offset))}.");
    }

    private static string Opening(DeliveryReport report) => (report.Action, report.ForPostmaster) switch
    {
        (ReportAction.Failed, false) => "Your message could not be delivered to "
            + (report.Recipients.Count == 1 ? "this address:" : "these addresses:"),
        (ReportAction.Failed, true) => "A message that has no sender to return it to (a bounce, most likely) could not be delivered to "
            + (report.Recipients.Count == 1 ? "this address:" : "these addresses:"),
        (ReportAction.Delayed, _) => "Your message has not been delivered yet. This is only a notice: there is nothing you have to do, and "
            + "the message need not be sent again. It still waits for:",
        (ReportAction.Delivered, _) => "Your message was delivered, as you asked to be told, to:",
        (ReportAction.Relayed, _) => "Your message was passed on, as you asked to be told. No further success will be reported for:",
    };

    private static string Cause(DeliveryReport report, ReportedRecipient recipient) => (report.Action, recipient.RemoteMta) switch
    {
        (ReportAction.Relayed, _) => $"{recipient.RemoteMta} took it over and does not report deliveries. It said:",
        (ReportAction.Delivered, _) => "It is in its place on this machine:",
        (ReportAction.Failed, "") => "It could not be sent:",
        (ReportAction.Failed, _) => $"{recipient.RemoteMta} refused it, and said:",
        (ReportAction.Delayed, "") => "The last attempt ended with:",
        (ReportAction.Delayed, _) => $"{recipient.RemoteMta} last said:",
    };

    private static string Next(DeliveryReport report) => (report.Action, report.ForPostmaster) switch
    {
        (ReportAction.Failed, false) => "No further attempt will be made. "
            + (report.ReturnsAll ? "Your message is attached." : "The header of your message is attached."),
        (ReportAction.Failed, true) => string.Create(
            CultureInfo.InvariantCulture,
            $"It is kept in the queue, parked, until somebody looks at it: relayproxy queue show {report.Message.Id}"),
        (ReportAction.Delayed, _) when report.WillRetryUntil is { } until =>
            $"It will be tried until {InternetDate.Format(until.ToOffset(report.Now.Offset))}. If it cannot be delivered by then, "
            + "you will be told.",
        (ReportAction.Delayed, _) => "It will be tried again.",
        (ReportAction.Delivered, _) => "Whether it has been read is another matter.",
        (ReportAction.Relayed, _) => "If it cannot be delivered further on, you will be told.",
    };
}
