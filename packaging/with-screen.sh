#!/bin/sh
# Runs a command on a screen in memory, so that tests of windows run anywhere and nobody sees them flicker by.
if command -v xvfb-run >/dev/null 2>&1; then
    exec xvfb-run -a -s "-screen 0 2600x1600x24" "$@"
fi
echo "with-screen: xvfb-run is not there, so the tests of windows need the screen in use; Debian: apt-get install xvfb xauth" >&2
exec "$@"
