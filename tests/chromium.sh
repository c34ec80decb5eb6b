#!/bin/sh
# Print where Chromium is, for the browser tests; nothing when they must be skipped.
# Root on Debian gets it installed. Under CI=true its absence is an error.

find_chromium() {
  for name in "$CHROMIUM" chromium chromium-browser google-chrome \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    [ -n "$name" ] && command -v "$name" && return
  done
}

if ! find_chromium; then
  if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
    echo "Installing Chromium for the browser tests…" >&2
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >&2
    find_chromium && exit
  fi
  echo "***************************************************************" >&2
  echo "* BROWSER TESTS NOT RUN: no Chromium here. Install it, or set *" >&2
  echo "* CHROMIUM to where it is.                                    *" >&2
  echo "***************************************************************" >&2
  [ "$CI" != true ]
fi
