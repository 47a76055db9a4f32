# shellcheck shell=bash
# Sourced by bin/test and bin/bench: what both need on a bare machine. Expects the temporary folder in scratch, say to speak, and an
# array named servers, whose processes the caller ends.

postgres_bin() {
    local newest
    newest=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)
    dirname "${newest:-$(command -v initdb)}" 2>/dev/null
}

# install_missing TOOL…: installs each program that is missing from the Debian package of its name.
install_missing() {
    local missing=() apt=(apt-get) tool
    [ -n "$(postgres_bin)" ] || missing+=(postgresql)
    for tool in "$@"; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    [ "$(id -u)" -eq 0 ] || apt=(sudo -n apt-get)
    export DEBIAN_FRONTEND=noninteractive
    if command -v apt-get >/dev/null; then
        "${apt[@]}" install -y -q --no-install-recommends "${missing[@]}" >"$scratch/apt.log" 2>&1 && return 0
        "${apt[@]}" update -q >>"$scratch/apt.log" 2>&1
        "${apt[@]}" install -y -q --no-install-recommends "${missing[@]}" >>"$scratch/apt.log" 2>&1 && return 0
        tail -n 5 "$scratch/apt.log" >&2
    fi
    say "could not install ${missing[*]}. What needs them will fail; install them with: sudo apt-get install ${missing[*]}"
}

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

# Waits until the server answers; fails when its process ends first.
answers() {
    local pid=$1
    shift
    for _ in {1..300}; do
        kill -0 "$pid" 2>/dev/null || return 1
        "$@" >/dev/null 2>&1 && kill -0 "$pid" 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}

# start_postgres OPTION…: a new server with these options; its address is then in postgres_url, its process in postgres_pid.
start_postgres() {
    local bin dir=$scratch/postgres as=() port pid
    bin=$(postgres_bin)
    [ -n "$bin" ] || return 1
    mkdir "$dir"
    # PostgreSQL refuses to run as root.
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$dir"
        as=(--reuid=postgres --regid=postgres --init-groups)
    fi
    setpriv "${as[@]}" --pdeathsig keep "$bin/initdb" -D "$dir/data" -U app --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir.log" 2>&1 || { cat "$dir.log" >&2; return 1; }
    for _ in 1 2 3; do
        port=$(free_port)
        setpriv "${as[@]}" --pdeathsig INT "$bin/postgres" -D "$dir/data" -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories="$dir" \
            -c max_connections=200 "$@" </dev/null >"$dir.log" 2>&1 &
        pid=$!
        if answers "$pid" "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; then
            servers+=("$pid")
            postgres_pid=$pid
            postgres_url=postgres://app@127.0.0.1:$port/postgres
            return 0
        fi
        kill -INT "$pid" 2>/dev/null
    done
    cat "$dir.log" >&2
    return 1
}

# Its address is then in redis_url.
start_redis() {
    local port pid
    mkdir "$scratch/redis"
    for _ in 1 2 3; do
        port=$(free_port)
        setpriv --pdeathsig KILL redis-server --port "$port" --bind 127.0.0.1 --dir "$scratch/redis" --save '' --appendonly no </dev/null >"$scratch/redis.log" 2>&1 &
        pid=$!
        if answers "$pid" redis-cli -h 127.0.0.1 -p "$port" ping; then
            servers+=("$pid")
            redis_url=redis://127.0.0.1:$port
            return 0
        fi
        kill -KILL "$pid" 2>/dev/null
    done
    cat "$scratch/redis.log" >&2
    return 1
}
