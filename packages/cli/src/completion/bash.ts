import { quoted } from '../terminal/shell-word.ts';
import { type CommandWords, spellings } from './vocabulary.ts';

export function bashScript(commands: readonly CommandWords[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map((option) => {
        const patterns = spellings(option).map((spelling) => quoted(`${name} ${spelling}`));
        return `    ${patterns.join('|')}) words=${quoted(option.choices.join(' '))} ;;`;
      }),
  );
  const options = commands.map(
    ({ name, options: own }) => `    ${name}) words=${quoted(own.flatMap(spellings).join(' '))} ;;`,
  );
  return `# bash completion for agentteam: source <(agentteam completion bash)
_agentteam() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command=\${COMP_WORDS[1]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(commands.map(({ name }) => name).join(' '))} -- "$current"))
    return
  fi
  case "$command $previous" in
${values.join('\n')}
  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  if [[ $current != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  case "$command" in
${options.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _agentteam agentteam
`;
}
