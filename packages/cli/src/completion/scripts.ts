/** The shells that there is a completion script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/** The text as it stands there, but that `\\${` is a `${` of the shell. */
function script(strings: TemplateStringsArray): string {
  return String.raw(strings).replaceAll('\\${', '${');
}

/** Each asks the program that is being typed, so that what it offers is what that program understands. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: script`# bash completion of esplanade. Load it with: source <(esplanade completion bash)
_esplanade() {
  local answer
  mapfile -t answer < <("\${1/#\~/$HOME}" __complete bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  if [[ \${answer[0]} == files ]]; then
    compopt -o default
    COMPREPLY=()
  else
    COMPREPLY=("\${answer[@]:1}")
    # Descriptions are for those who choose, and must not be typed.
    if ((\${#COMPREPLY[@]} == 1)) || [[ $COMP_TYPE != 63 ]]; then
      COMPREPLY=("\${COMPREPLY[@]%%$'\t'*}")
    else
      COMPREPLY=("\${COMPREPLY[@]/$'\t'/  -- }")
    fi
  fi
}
complete -F _esplanade esplanade
`,
  zsh: script`#compdef esplanade
# zsh completion of esplanade. Put it into a directory of fpath as _esplanade, or: source <(esplanade completion zsh)
_esplanade() {
  local -a answer values shown
  local line tab=$'\t'
  answer=("\${(@f)$("\${(Q)words[1]/#\~/$HOME}" __complete zsh "\${(Q)PREFIX}" "\${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
  if [[ $answer[1] == files ]]; then
    compset -P '-*='
    _files
    return
  fi
  for line in "\${(@)answer[2,-1]}"; do
    values+=("\${line%%$tab*}")
    shown+=("\${line/$tab/  -- }")
  done
  compadd -l -d shown -a -- values
}
if [[ $funcstack[1] == _esplanade ]]; then
  _esplanade "$@"
else
  compdef _esplanade esplanade
fi
`,
  fish: script`# fish completion of esplanade. Load it with: esplanade completion fish | source
function __esplanade_complete
  set -l words (commandline -opc)
  set -l program (string replace -r '^~' $HOME -- $words[1])
  set -l answer ($program __complete fish (commandline -ct) $words[2..] 2>/dev/null)
  if test "$answer[1]" = files
    __fish_complete_path (string replace -r '^-[^=]*=' '' -- (commandline -ct))
  else
    string join \n -- $answer[2..]
  end
end
complete -c esplanade -f -a '(__esplanade_complete)'
`,
};
