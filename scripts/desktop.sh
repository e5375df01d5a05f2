# A desktop of the script's own (X server, window manager, home) and the hands to work the program on it. To be sourced.
# Needs: Xvfb, openbox, xdotool and ImageMagick. Everything it starts and writes is gone when the script ends.

fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Says which of these tools are missing, and gives up.
need() {
    local missing=()
    for tool; do command -v "$tool" >/dev/null || missing+=("$tool"); done
    [ ${#missing[@]} = 0 ] || fail "missing: ${missing[*]} (Debian: apt-get install xvfb openbox xdotool imagemagick)"
}

room=""
x_pid="" wm_pid="" sound_pid="" app_pid=""

close_app() { [ -z "$app_pid" ] || { kill "$app_pid" 2>/dev/null; wait "$app_pid" 2>/dev/null; } || true; app_pid=""; }
close_desktop() {
    close_app
    [ -z "$sound_pid" ] || { kill "$sound_pid" 2>/dev/null; wait "$sound_pid" 2>/dev/null; } || true
    [ -z "$wm_pid" ] || { kill "$wm_pid" 2>/dev/null; wait "$wm_pid" 2>/dev/null; } || true
    [ -z "$x_pid" ] || { kill "$x_pid" 2>/dev/null; wait "$x_pid" 2>/dev/null; } || true
    sound_pid="" wm_pid="" x_pid=""
}
leave() { close_desktop; [ -z "$room" ] || rm -rf "$room"; }
trap leave EXIT
trap 'exit 130' INT TERM

# open_desktop WIDTH HEIGHT: a screen that the program fills, and an empty home.
open_desktop() {
    room="${room:-$(mktemp -d "${TMPDIR:-/tmp}/viseme.XXX")}"
    screen="$1x$2"
    rm -rf "$room/home"
    mkdir -p "$room/home/Videos" "$room/home/.config" "$room/home/run"
    chmod 700 "$room/home/run"
    cat > "$room/openbox.xml" <<'XML'
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <applications><application class="*"><decor>no</decor><maximized>yes</maximized></application></applications>
</openbox_config>
XML
    : > "$room/display"
    Xvfb -displayfd 3 -screen 0 "${screen}x24" -nolisten tcp 3>"$room/display" 2>"$room/x.log" & x_pid=$!
    for _ in $(seq 100); do [ -s "$room/display" ] && break; sleep 0.1; done
    [ -s "$room/display" ] || fail "Xvfb did not start: $(cat "$room/x.log")"
    # Nothing of the caller's session: no Wayland, no portal, no sound server, no settings.
    unset WAYLAND_DISPLAY WAYLAND_SOCKET DBUS_SESSION_BUS_ADDRESS PULSE_SERVER
    export DISPLAY=":$(tr -d '[:space:]' <"$room/display")" LIBGL_ALWAYS_SOFTWARE=1
    export HOME="$room/home" XDG_CONFIG_HOME="$room/home/.config" XDG_RUNTIME_DIR="$room/home/run" TMPDIR="$room"
    unset XDG_VIDEOS_DIR XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME VISEME_DATA_DIR
    openbox --config-file "$room/openbox.xml" 2>"$room/openbox.log" & wm_pid=$!
    # A sound server that plays into nothing, where there is one: the program is silent without.
    if command -v pulseaudio >/dev/null; then
        mkdir -p "$XDG_RUNTIME_DIR/pulse"
        pulseaudio --daemonize=no --exit-idle-time=-1 --use-pid-file=no -n --load=module-null-sink \
            --load="module-native-protocol-unix auth-anonymous=1 socket=$XDG_RUNTIME_DIR/pulse/native" >/dev/null 2>&1 & sound_pid=$!
    fi
    xdotool mousemove "$1" "$2"
}

# open_app SCALE: the program, in front.
open_app() {
    WINIT_X11_SCALE_FACTOR="$1" "$program" >"$room/app.log" 2>&1 & app_pid=$!
    app_window="$(timeout 60 xdotool search --sync --onlyvisible --name '^viseme$' | head -n 1)" || true
    [ -n "$app_window" ] || fail "the window did not open: $(cat "$room/app.log")"
    xdotool windowfocus --sync "$app_window"
    settle
}

alive() { kill -0 "$app_pid" 2>/dev/null || fail "the program ended: $(cat "$room/app.log")"; }

look() { import -window root -silent "$1"; }

# Waits until nothing moves any more: the window shows what it has come to. $1: for how many looks, a quarter of a second apart.
settle() {
    local still=0 before="" now
    for _ in $(seq 480); do
        alive
        now="$(import -window root -silent -depth 8 rgb:- | md5sum)"
        if [ "$now" = "$before" ]; then still=$((still + 1)); else still=0; fi
        [ "$still" -lt "${1:-5}" ] || return 0
        before="$now"
        sleep 0.25
    done
    fail "the window does not come to rest"
}

keys() { alive; xdotool key --clearmodifiers "$@"; sleep 0.15; }

# act WORDS: does an action by its words, through the palette.
act() {
    keys ctrl+k
    sleep 0.3
    xdotool type --delay 15 "$1"
    sleep 0.3
    keys Return
    sleep 0.3
}

# The result that was saved by itself; waits for it.
saved_result() {
    local found=""
    for _ in $(seq 240); do
        alive
        found="$(find "$HOME/Videos/viseme" -name '*.mp4' 2>/dev/null | head -n 1)"
        [ -z "$found" ] || { printf '%s\n' "$found"; return 0; }
        sleep 0.5
    done
    fail "no result was saved"
}

# check_result FILE: it is a clip with picture and sound, in which the program itself finds the faces again.
check_result() {
    [ -s "$1" ] || fail "$1 is empty"
    "$program" identify --video "$1" >"$room/identify.txt" 2>"$room/identify.log" ||
        fail "the saved result cannot be read: $(cat "$room/identify.log")"
    if command -v ffmpeg >/dev/null; then
        ffmpeg -v error -xerror -i "$1" -map 0:v -map 0:a -f null - </dev/null || fail "the saved result does not play"
    fi
}
