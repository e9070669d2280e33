# Sourced by the checks that are written in Python: makes a temporary folder that goes away at the end, and puts the
# packages of requirements.txt into it. Where Python or its packages can't be had, it says so and leaves the check out.
# Usage: . ../packages.sh NAME, in the folder of the check. Afterwards `$folder` is the folder, and what is put into
# `$started` is the process that is ended with the script.

if ! command -v python3 >/dev/null 2>&1 || ! python3 -m pip --version >/dev/null 2>&1; then
  echo "$1: left out, there is no Python with pip" >&2
  exit 0
fi

folder=$(mktemp -d)
started=
finish() {
  if [ -n "$started" ]; then
    kill -INT "$started" 2>/dev/null || true
    wait "$started" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT

if ! python3 -m pip install --quiet --disable-pip-version-check --no-input --root-user-action=ignore \
  --target "$folder/packages" --requirement requirements.txt >"$folder/pip.log" 2>&1; then
  echo "$1: left out, its packages could not be installed:" >&2
  tail -n 3 "$folder/pip.log" >&2
  exit 0
fi
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$folder/packages"

# Waits until the process in `$started` has written its ready file, and shows its log if it ends before.
until_ready() {
  until [ -f "$folder/ready.json" ]; do
    if ! kill -0 "$started" 2>/dev/null; then
      echo "$1: the program did not start:" >&2
      cat "$folder/program.log" >&2
      exit 1
    fi
    sleep 0.1
  done
}
