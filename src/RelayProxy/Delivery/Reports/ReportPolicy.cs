using RelayProxy.Mail;

namespace RelayProxy.Delivery.Reports;

/// <summary>Who wants to be told (RFC 3461 §4.1): NOTIFY decides, and where it is absent failures and delays are told.</summary>
internal static class ReportPolicy
{
    public static bool Wants(Recipient recipient, ReportAction action) => (action, recipient.Notify) switch
    {
        (ReportAction.Failed or ReportAction.Delayed, DsnNotify.Unspecified) => true,
        (ReportAction.Failed, var notify) => (notify & DsnNotify.Failure) != 0,
        (ReportAction.Delayed, var notify) => (notify & DsnNotify.Delay) != 0,
        (ReportAction.Relayed or ReportAction.Delivered, var notify) => (notify & DsnNotify.Success) != 0,
    };
}
