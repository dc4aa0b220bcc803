import { shellQuoted } from '@agentteam/text';
import { type CommandSummary, HOST_OPTIONS, LIST_COMMAND, spellings } from './command-summary.ts';

export function bashScript(commands: readonly CommandSummary[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map((option) => {
        const patterns = spellings(option).map((spelling) => shellQuoted(`${name} ${spelling}`));
        return `    ${patterns.join('|')}) words=${shellQuoted(option.choices.join(' '))} ;;`;
      }),
  );
  const valued = commands.flatMap(({ name, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .flatMap((option) => spellings(option).map((spelling) => shellQuoted(`${name} ${spelling}`))),
  );
  const options = commands.map(
    ({ name, options: own }) =>
      `    ${name}) words=${shellQuoted(own.flatMap(spellings).join(' '))} ;;`,
  );
  const taking = (...args: readonly CommandSummary['args'][]): string =>
    commands
      .filter((command) => args.includes(command.args))
      .map(({ name }) => name)
      .join('|');
  return `# bash completion for agentteam: source <(agentteam completion bash)
_agentteam() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command=\${COMP_WORDS[1]} words= place=() given=0 index
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${shellQuoted(commands.map(({ name }) => name).join(' '))} -- "$current"))
    return
  fi
  case "$command $previous" in
${values.join('\n')}
  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  if [[ $current == -* ]]; then
    case "$command" in
${options.join('\n')}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$command $previous" in
    ${valued.join('|')})
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return ;;
  esac
  # Collect the options that select where runs are, and count the arguments.
  for ((index = 2; index < COMP_CWORD; index++)); do
    case "$command \${COMP_WORDS[index]}" in
      ${HOST_OPTIONS.map((option) => `*' ${option}'`).join('|')})
        place+=("\${COMP_WORDS[index]}" "\${COMP_WORDS[++index]}") ;;
      *' --cluster') place+=(--cluster) ;;
      ${valued.join('|')}) ((++index)) ;;
      *' '-*) ;;
      *) ((++given)) ;;
    esac
  done
  case "$command" in
    ${taking('run')}) [ "$given" -eq 0 ] && words=$(${LIST_COMMAND} "\${place[@]}" 2> /dev/null) ;;
    ${taking('runs')}) words=$(${LIST_COMMAND} "\${place[@]}" 2> /dev/null) ;;
    ${taking('files')}) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _agentteam agentteam
`;
}
