# Reads delivery reports with Mail::DeliveryStatus::BounceParser and with Sisimai. A line for each recipient that they find:
# reader, file, address, status, what the reader makes of it; with tabs between.
use strict;
use warnings;
use Mail::DeliveryStatus::BounceParser;
use Sisimai;

binmode STDOUT, ':encoding(UTF-8)';
for my $file (@ARGV) {
    (my $name = $file) =~ s{.*/}{};
    open my $mail, '<:raw', $file or die "$file: $!";
    my $text = do { local $/; <$mail> };
    close $mail;
    $text =~ s/\r\n/\n/g;

    my $bounce = eval { Mail::DeliveryStatus::BounceParser->new($text) };
    print join("\t", 'bounceparser', $name, 'fault', '', $@ =~ s/\s+/ /gr), "\n" if $@;
    if ($bounce && $bounce->is_bounce) {
        for my $report ($bounce->reports) {
            print join("\t", 'bounceparser', $name, $report->get('email') // '', ($report->get('status') // '') =~ s/\s+//gr, $report->get('std_reason') // ''), "\n";
        }
    }

    for my $found (@{ Sisimai->make($file, delivered => 1) // [] }) {
        print join("\t", 'sisimai', $name, $found->recipient->address, $found->deliverystatus, $found->reason), "\n";
    }
}
