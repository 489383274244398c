# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Completion of bash for the program undine.
_undine() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} options
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "lint run fetch embed --help --version" -- "$current")
    return
  fi
  case ${COMP_WORDS[1]} in
    lint) options="--json --portable --errors --rules" ;;
    run) options="--answers --set --map --files --online --keys --interactive --limit" ;;
    fetch) options="--output --trust --dns --proxy --sha256" ;;
    embed) options="--script --cert --client-cert --privkey --set --remove --list --print-script --output" ;;
    *) return ;;
  esac
  case $previous in
    --files | -f) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    --remove | -r) [ "${COMP_WORDS[1]}" = embed ] && { mapfile -t COMPREPLY < <(compgen -W "script certs all" -- "$current"); return; } ;;
  esac
  case $current in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}
complete -o filenames -F _undine undine
