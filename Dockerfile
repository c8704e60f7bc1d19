# The program alone, on the versions that the tests run on. Built from the root: docker build -t pipeline .
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
WORKDIR /source
# What says which packages are needed comes first, so that a change of the code does not fetch them again.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/Contracts/Contracts.csproj src/Contracts/
COPY src/Dedupe/Dedupe.csproj src/Dedupe/
COPY src/Ingest/Ingest.csproj src/Ingest/
COPY src/Patched.DistributedLock.Postgres/Patched.DistributedLock.Postgres.csproj src/Patched.DistributedLock.Postgres/
COPY src/Pipeline/Pipeline.csproj src/Pipeline/
COPY src/Projections/Projections.csproj src/Projections/
COPY src/Stores/Stores.csproj src/Stores/
RUN dotnet restore src/Pipeline --use-current-runtime
COPY src src
RUN dotnet publish src/Pipeline -c Release --use-current-runtime --no-self-contained --no-restore -p:UseAppHost=false -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
WORKDIR /app
COPY --from=build /app ./
COPY --chmod=555 compose/healthy ./
ENV DOTNET_EnableDiagnostics=0
# The embedded log of a container without a cluster; a cluster keeps nothing here.
RUN install -d -o $APP_UID -g $APP_UID /data
VOLUME /data
USER $APP_UID
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["/app/healthy", "/healthz"]
ENTRYPOINT ["dotnet", "/app/pipeline.dll"]
CMD ["serve", "--data", "/data"]
