# Runs a server as long as the process at the other end of stdin lives, however that one ends.
# Arguments: the folder to remove in the end, the command line that installs a new server there
# (in one word), the server, and its arguments.
# Orders come line by line, and each is answered with a line: `install`, `start`, and `kill` (at
# once, as a crash would).
folder=$1
install=$2
shift 2
server=

# Two servers that are installed at the same moment must not meet in the machine's folder for
# temporary tables.
mkdir "$folder/tmp"
export TMPDIR="$folder/tmp"

# An answer that nobody reads any more must not end the watchdog before it has cleaned up.
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
