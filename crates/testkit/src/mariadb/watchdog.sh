# Runs a server as long as the process at the other end of stdin lives, however that one ends.
# Arguments: the folder to remove in the end, and the server's command line.
# Orders come line by line, and each is answered with a line: `kill` (at once, as a crash would)
# and `start` (again).
folder=$1
shift

start() {
    "$@" </dev/null >>"$folder/server.log" 2>&1 &
    server=$!
}

stop() {
    kill -9 "$server" 2>/dev/null
    wait "$server" 2>/dev/null
}

start "$@"
while read -r order; do
    case $order in
    kill) stop ;;
    start) start "$@" ;;
    esac
    echo done
done
stop
rm -rf "$folder"
