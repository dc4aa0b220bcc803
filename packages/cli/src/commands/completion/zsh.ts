import { shellQuoted } from '@agentteam/text';
import { type CommandSummary, HOST_OPTIONS, LIST_COMMAND, spellings } from './command-summary.ts';

export function zshScript(commands: readonly CommandSummary[]): string {
  const described = (word: string, text: string): string =>
    shellQuoted(`${word.replaceAll(':', '\\:')}:${text}`);
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map((option) => {
        const patterns = spellings(option).map((spelling) => shellQuoted(`${name} ${spelling}`));
        return `    ${patterns.join('|')}) compadd -- ${option.choices.map(shellQuoted).join(' ')}; return ;;`;
      }),
  );
  const options = commands.map(({ name, options: own }) => {
    const words = own.flatMap((option) =>
      spellings(option).map((spelling) => described(spelling, option.description)),
    );
    return `    ${name}) options=(${words.join(' ')}) ;;`;
  });
  const taking = (...args: readonly CommandSummary['args'][]): string =>
    commands
      .filter((command) => args.includes(command.args))
      .map(({ name }) => name)
      .join('|');
  const valued = commands.flatMap(({ name, options: own }) =>
    own
      .filter(({ takesValue }) => takesValue)
      .flatMap((option) => spellings(option).map((spelling) => shellQuoted(`${name} ${spelling}`))),
  );
  return `#compdef agentteam
# zsh completion for agentteam: source <(agentteam completion zsh)
_agentteam() {
  local -a commands options place
  local index given=0
  if (( CURRENT == 2 )); then
    commands=(${commands.map(({ name, summary }) => described(name, summary)).join(' ')})
    _describe command commands
    return
  fi
  case "$words[2] $words[CURRENT-1]" in
${values.join('\n')}
  esac
  case "$words[2] $words[CURRENT-1]" in
    ${valued.join('|')}) _files; return ;;
  esac
  if [[ $PREFIX != -* ]]; then
    # Collect the options that select where runs are, and count the arguments.
    for ((index = 3; index < CURRENT; index++)); do
      case "$words[2] $words[index]" in
        ${HOST_OPTIONS.map((option) => `*' ${option}'`).join('|')})
          place+=("\${(Q)words[index]}" "\${(Q)words[index+1]}"); ((++index)) ;;
        *' --cluster') place+=(--cluster) ;;
        ${valued.join('|')}) ((++index)) ;;
        *' '-*) ;;
        *) ((++given)) ;;
      esac
    done
    case $words[2] in
      ${taking('run')}) ((given)) || compadd -- \${(f)"$(${LIST_COMMAND} $place 2> /dev/null)"} ;;
      ${taking('runs')}) compadd -- \${(f)"$(${LIST_COMMAND} $place 2> /dev/null)"} ;;
      ${taking('files')}) _files ;;
    esac
    return
  fi
  case $words[2] in
${options.join('\n')}
  esac
  _describe -o option options
}
compdef _agentteam agentteam
`;
}
