# Read by ./pipeline and ./test with $root set to the repository: finds the .NET SDK and builds under a lock.
# Every dotnet here runs without build servers, so nothing outlives the command.

say() { printf '%s\n' "$*" >&2; }

# Sets $dotnet, or says what to install.
find_dotnet() {
    for dotnet in "${DOTNET_ROOT:-}/dotnet" "$(command -v dotnet || :)" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet \
        /usr/local/share/dotnet/dotnet "${HOME:-}/.dotnet/dotnet"; do
        [ -f "$dotnet" ] && [ -x "$dotnet" ] && return 0
    done
    say "pipeline: the .NET SDK 10 is not installed (no dotnet on the PATH, in DOTNET_ROOT or in the usual places)."
    say "Install it: https://dotnet.microsoft.com/download/dotnet/10.0, on Debian the package dotnet-sdk-10.0 from Microsoft's repository."
    exit 1
}

# One line that changes whenever a source is changed, added, removed or renamed.
sources() {
    (cd "$root" && find "$@" Directory.Build.props Directory.Packages.props global.json .editorconfig \
        \( -name bin -o -name obj \) -prune -o -type f -printf '%p %s %T@\n') | LC_ALL=C sort | sha256sum | cut -c1-16
}

# One build at a time: the lock is held on descriptor 9 until it is closed.
lock_build() {
    mkdir -p "$root/artifacts" || exit 1
    exec 9>"$root/artifacts/build.lock"
    flock 9
}

unlock_build() { exec 9>&-; }

# build PROJECT...: quiet when it works, all output when it does not. NuGet wants a home it can write to.
build() {
    if ! "$dotnet" --list-sdks 2>/dev/null | grep -q '^10\.'; then
        say "pipeline: $dotnet has no .NET SDK 10 (a runtime alone cannot build); it has:"
        "$dotnet" --list-sdks >&2
        say "Install it: https://dotnet.microsoft.com/download/dotnet/10.0, on Debian the package dotnet-sdk-10.0 from Microsoft's repository."
        exit 1
    fi
    home=${HOME:-}
    if [ ! -d "$home" ] || [ ! -w "$home" ]; then home=$root/artifacts/home; fi
    mkdir -p "$home"
    for project in "$@"; do
        if ! (
            cd "$root"
            export HOME="$home" DOTNET_CLI_HOME="${DOTNET_CLI_HOME:-$home}" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 \
                DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false \
                DOTNET_ADD_GLOBAL_TOOLS_TO_PATH=false DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1
            "$dotnet" build "$project" -c Release --disable-build-servers -nodeReuse:false -p:UseSharedCompilation=false -nologo -v quiet
        ) </dev/null >"$root/artifacts/build.log" 2>&1 9>&-; then
            cat "$root/artifacts/build.log" >&2
            say "pipeline: the build failed; its output is above and in $root/artifacts/build.log"
            exit 1
        fi
    done
}
