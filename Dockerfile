# The server alone, for production: docker build -t ledgerline .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
# Restoring is the slow part and depends on these files only.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/Server/Server.csproj src/Server/packages.lock.json src/Server/
RUN dotnet restore src/Server --locked-mode
COPY .editorconfig ./
COPY src/Server src/Server
RUN dotnet publish src/Server --configuration Release --no-restore --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# The distribution's SQLite is newer than the bundled one and gets its security updates.
RUN apt-get update && apt-get install --yes --no-install-recommends libsqlite3-0 curl && rm -rf /var/lib/apt/lists/* \
    && mkdir /data && chown app:app /data
COPY --from=build /app /app
WORKDIR /data
VOLUME /data
USER app
ENV ASPNETCORE_ENVIRONMENT=Production PORT=8000 BIND=0.0.0.0
# The base image's own port would only be ignored, with a warning.
ENV ASPNETCORE_HTTP_PORTS=
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8000/health"]
# Requests that have begun may finish: stop with at least SHUTDOWN_DRAIN_SECONDS and half a minute (docker stop --time).
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "/app/ledgerline.dll"]
