# The relay's image: the program, what it stands on, and nothing else. No shell; it runs as user 1654, on a root that may be read-only.
#
#   docker build -t relayproxy .
#
# Where the SDK's image cannot be had, the program is published outside and only the last stage is built, the same in every other respect:
#
#   dotnet publish src/RelayProxy -c Release -r linux-x64 --self-contained -p:PublishTrimmed=true -o artifacts/relay
#   docker build -t relayproxy --build-arg PROGRAM=published .
#
# docker build --platform linux/arm64 makes the other one; it has not been tried, for want of such a machine.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
ARG PROGRAM=compiled

FROM --platform=$BUILDPLATFORM ${SDK} AS compiled
ARG TARGETARCH
WORKDIR /source
COPY . .
RUN dotnet publish src/RelayProxy -c Release --os linux -a ${TARGETARCH} --self-contained -p:PublishTrimmed=true -o /usr/lib/relayproxy
WORKDIR /state

FROM scratch AS published
COPY artifacts/relay /usr/lib/relayproxy
WORKDIR /state

FROM ${PROGRAM} AS program

FROM ${RUNTIME}
COPY --from=program /usr/lib/relayproxy /usr/lib/relayproxy
COPY --from=program --chown=1654:1654 /state /var/lib/relayproxy

# The queue is a folder of the relay's own inside the volume: who a mounted volume belongs to, and who else may enter it, is not the relay's to say.
# No debugger is expected, whose sockets would need a /tmp.
ENV PATH=/usr/lib/relayproxy:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    RELAYPROXY_Queue__Path=/var/lib/relayproxy/queue \
    RELAYPROXY_Listener__ExitWhenCutOff=true \
    DOTNET_EnableDiagnostics=0
VOLUME /var/lib/relayproxy
USER 1654:1654
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s CMD ["/usr/lib/relayproxy/relayproxy", "health"]
ENTRYPOINT ["/usr/lib/relayproxy/relayproxy"]
LABEL org.opencontainers.image.title="RelayProxy" \
      org.opencontainers.image.description="Takes mail on localhost:25 without a password and passes it on to a smarthost over TLS" \
      org.opencontainers.image.licenses="MIT"
