# Sourced by ./test: sees to it that there is a Chromium with its driver for the tests that look at pages, and installs
# Debian's where it may. Where it can't be had it says so, and those tests are left out.

if ! command -v chromedriver >/dev/null 2>&1; then
  if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
    echo "./test: installing chromium and chromium-driver for the tests of the pages" >&2
    apt-get install --yes --quiet --no-install-recommends chromium chromium-driver >/dev/null 2>&1 ||
      { apt-get update --quiet >/dev/null 2>&1 &&
        apt-get install --yes --quiet --no-install-recommends chromium chromium-driver >/dev/null 2>&1; } || true
  fi
fi
if command -v chromedriver >/dev/null 2>&1; then
  export KABAR_BROWSER=required
else
  echo "./test: the tests of the pages are left out, there is no chromedriver; on Debian: apt-get install chromium chromium-driver" >&2
fi
