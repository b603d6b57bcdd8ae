"""Reads delivery reports with flufl.bounce, which Mailman uses, and with Python's own email package, by the book (RFC 3464). A line for each recipient
that they find: reader, file, address, status, what the reader makes of it; with tabs between."""
import email, os, sys
from flufl.bounce import all_failures

for path in sys.argv[1:]:
    name = os.path.basename(path)
    with open(path, 'rb') as file:
        message = email.message_from_binary_file(file)
    temporary, permanent = all_failures(message)
    for found, word in ((temporary, 'temporary'), (permanent, 'permanent')):
        for address in sorted(found):
            print('flufl.bounce', name, address.decode('utf-8', 'replace') if isinstance(address, bytes) else address, '', word, sep='\t')
    for part in message.walk():
        if part.get_content_type() in ('message/delivery-status', 'message/global-delivery-status'):
            groups = part.get_payload() if part.is_multipart() else []
            for group in groups[1:]:
                if group['Final-Recipient']:
                    kind, _, address = group['Final-Recipient'].partition(';')
                    print('email', name, address.strip(), group['Status'], group['Action'], sep='\t')
