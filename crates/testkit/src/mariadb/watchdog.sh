# Runs a server until stdin is closed, that is, until the process at the other end is gone.
# Arguments: the folder to remove at the end, the command line that installs a new server there
# (as one word), the server, and its arguments.
# Reads one command per line and answers each with a line: `install`, `start`, and `kill` (SIGKILL,
# as in a crash).
folder=$1
install=$2
shift 2
server=

# Concurrent installations must not share the system's folder for temporary tables.
mkdir "$folder/tmp"
export TMPDIR="$folder/tmp"

# Writing an answer to a closed pipe must not end the watchdog before it has cleaned up.
trap : PIPE

stop() {
    if [ -n "$server" ]; then
        kill -9 "$server" 2>/dev/null
        wait "$server" 2>/dev/null
    fi
    server=
}

while read -r order; do
    case $order in
    install) $install "--datadir=$folder/data" </dev/null >>"$folder/server.log" 2>&1 ;;
    start)
        "$@" </dev/null >>"$folder/server.log" 2>&1 &
        server=$!
        ;;
    kill) stop ;;
    esac && echo done || echo failed
done
stop
rm -rf "$folder"
