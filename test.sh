#!/usr/bin/env bash
# Builds everything and runs every test. The last line is "N passed, N failed".
#
# test.sh --containers runs those that need a container engine instead, with the image built from the program published here: the composition of
# docker-compose.yml as it stands. Where no engine runs and none can be started, network namespaces take its place.
#
# test.sh --long [NAME...] runs the proofs in full, for hours: all, or those whose class or folder has such a name (test.sh --long kill). TEST_SEED=N
# begins chance where a run that failed says that it began.
set -u
cd "$(dirname "$0")"
export PATH=$PATH:/usr/sbin:/sbin
containers='' long=''
case "${1-}" in
    "") ;;
    --containers) containers=yes ;;
    --long) long=yes; shift ;;
    *) echo "usage: test.sh [--containers | --long [NAME...]]" >&2; exit 64 ;;
esac

# The relay is tried with other people's programs: Postfix with Cyrus SASL as its smarthost; Dovecot, which keeps local mail; swaks, curl,
# Python and Postfix's smtp-source, and mail with msmtp for its sendmail, as its clients; aiosmtpd and Postfix's smtp-sink, which read what it
# passes on with parsers of their own; dkimpy, which signs; a C compiler and strace for
# disks that fail; mandoc, which finds fault with manual pages; zsh and fish, which complete commands; Nagios' check_mailq, which watches queues;
# systemd, which is booted in namespaces of its own to run the service, and AppArmor, which reads its profile; PHP with Symfony's mailer and
# PHPMailer, mutt, s-nail, git send-email, procmail, mime-construct and two libraries of Perl's, which call sendmail; three libraries that read bounces; lintian, which finds fault with
# packages; debootstrap, which makes the Debian that the package is installed on; Prometheus' promtool; XFS and user-mode Linux, from under which the power is cut.
# What is missing is installed; where it cannot be, the tests that need it fail and say so.
install_foreign_programs() {
    local missing=() policy=/usr/sbin/policy-rc.d
    for pair in postfix:postfix smtp-source:postfix saslpasswd2:sasl2-bin swaks:swaks curl:curl python3:python3 dkimsign:python3-dkim \
        bsd-mailx:bsd-mailx msmtp:msmtp cc:gcc strace:strace mandoc:mandoc zsh:zsh fish:fish ip:iproute2 \
        systemd-analyze:systemd apparmor_parser:apparmor sysctl:procps \
        php:php-cli mutt:mutt s-nail:s-nail procmail:procmail mime-construct:mime-construct debootstrap:debootstrap \
        lintian:lintian promtool:prometheus mkfs.xfs:xfsprogs linux.uml:user-mode-linux; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    compgen -G '/usr/lib/*/sasl2/libscram.so' >/dev/null || missing+=(libsasl2-modules)
    if [ ! -e /usr/lib/dovecot/lmtp ]; then missing+=(dovecot-lmtpd); fi
    if [ ! -e /usr/lib/nagios/plugins/check_mailq ]; then missing+=(monitoring-plugins-standard); fi
    if [ ! -e /usr/include/stdio.h ]; then missing+=(libc6-dev); fi
    if [ ! -e /usr/share/php/Symfony/Component/Mailer ]; then missing+=(php-symfony-mailer); fi
    if [ ! -e /usr/share/php/libphp-phpmailer ]; then missing+=(libphp-phpmailer); fi
    if [ ! -e /usr/lib/git-core/git-send-email ]; then missing+=(git-email); fi
    if [ ! -e /usr/share/perl5/Email/Sender.pm ]; then missing+=(libemail-sender-perl); fi
    if [ ! -e /usr/share/perl5/MIME/Lite.pm ]; then missing+=(libmime-lite-perl); fi
    if [ ! -e /usr/share/perl5/Mail/DeliveryStatus/BounceParser.pm ]; then missing+=(libmail-deliverystatus-bounceparser-perl); fi
    if [ ! -e /usr/share/perl5/Sisimai.pm ]; then missing+=(libsisimai-perl); fi
    if [ ! -e /usr/lib/python3/dist-packages/flufl/bounce ]; then missing+=(python3-flufl.bounce); fi
    if [ ! -e /usr/lib/python3/dist-packages/yaml ]; then missing+=(python3-yaml); fi
    if [ ! -e /usr/lib/python3/dist-packages/aiosmtpd ]; then missing+=(python3-aiosmtpd); fi
    if [ -n "$containers" ] && ! docker info >/dev/null 2>&1; then
        if ! command -v dockerd >/dev/null; then missing+=(docker.io iptables); fi
        if ! command -v docker-compose >/dev/null; then missing+=(docker-compose); fi
    fi
    if [ ${#missing[@]} -eq 0 ]; then return; fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "test.sh: not installed, and this is not root on a Debian: ${missing[*]}" >&2
        return
    fi

    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # Postfix comes without a configuration of its own, and no service is started by the installation.
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    if [ -e "$policy" ]; then policy=; else printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod 755 "$policy"; fi
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    if [ -n "$policy" ]; then rm -f "$policy"; fi
}
install_foreign_programs

dotnet build RelayProxy.sln -c Release -v quiet -nologo || { echo "0 passed, 1 failed"; exit 1; }

passed=0 failed=0
beside=() longest=900
run() { # run NAME [FILTER...]: one test project
    local log; log=$(mktemp)
    timeout --kill-after=10 "$longest" "${beside[@]}" dotnet "tests/$1/bin/Release/net10.0/RelayProxy.$1.dll" -noColor "${@:2}" | tee "$log"
    local status=${PIPESTATUS[0]} summary total bad
    summary=$(grep -E "Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+" "$log" | tail -n 1)
    total=$(sed -E 's/.*Total: ([0-9]+).*/\1/' <<<"${summary:-Total: 0}")
    bad=$(sed -E 's/.*Errors: ([0-9]+), Failed: ([0-9]+).*/\1 + \2/' <<<"${summary:-Errors: 0, Failed: 0}")
    bad=$((bad))
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ -z "$summary" ]; then bad=1 total=1; fi
    passed=$((passed + total - bad)) failed=$((failed + bad))
    rm -f "$log"
}
figures() { # figures KIND: what the proofs measured
    if [ -e "artifacts/figures/$1.txt" ]; then sed 's/^/  /' "artifacts/figures/$1.txt"; fi
}
if [ -n "$long" ]; then
    export TEST_LONG=1
    longest=86400
    names=()
    for name; do names+=(-class "*${name^}*"); done
    run Proof "${names[@]}"
    figures long
elif [ -z "$containers" ]; then
    rm -f artifacts/figures/brief.txt
    run Unit
    run Integration -trait- needs=engine
    run Proof
    figures brief
elif tests/Containers/with-engine.sh true; then
    rm -rf artifacts/relay
    dotnet publish src/RelayProxy -c Release -r linux-x64 --self-contained -p:PublishTrimmed=true -o artifacts/relay -v quiet -nologo ||
        { echo "0 passed, 1 failed"; exit 1; }
    echo "test.sh: with a container engine"
    beside=(tests/Containers/with-engine.sh tests/Containers/with-image.sh)
    run Integration -trait needs=engine
else
    echo "test.sh: without a container engine, in network namespaces"
    run Integration -class '*NamespaceSidecarTests'
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
