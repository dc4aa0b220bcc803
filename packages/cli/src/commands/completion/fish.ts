import {
  type CommandSummary,
  HOST_OPTIONS,
  LIST_COMMAND,
  type OptionSummary,
  spellings,
} from './command-summary.ts';

export function fishScript(commands: readonly CommandSummary[]): string {
  const lines = commands.flatMap(({ name, summary, args, options }) => [
    `complete -c agentteam -f -n __fish_use_subcommand -a ${name} -d ${fishWord(summary)}`,
    ...argumentLines(name, args),
    ...options.map((option) => optionLine(name, option)),
  ]);
  return `# fish completion for agentteam: agentteam completion fish | source\n${runsFunction(commands)}\n${lines.join('\n')}\n`;
}

/** A function that prints the runs of the selected host, unless the command has as many arguments as it takes. */
function runsFunction(commands: readonly CommandSummary[]): string {
  const valued = commands.flatMap(({ name, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .flatMap((option) => spellings(option).map((spelling) => fishWord(`${name} ${spelling}`))),
  );
  return `function __agentteam_runs --argument-names most
  set -l tokens (commandline -opc)
  set -l place
  set -l given 0
  set -l index 3
  while test $index -le (count $tokens)
    set -l token $tokens[$index]
    if contains -- $token ${HOST_OPTIONS.join(' ')}
      set index (math $index + 1)
      set -a place $token $tokens[$index]
    else if contains -- "$tokens[2] $token" ${valued.join(' ')}
      set index (math $index + 1)
    else if test "$token" = --cluster
      set -a place $token
    else if not string match -q -- '-*' $token
      set given (math $given + 1)
    end
    set index (math $index + 1)
  end
  test $given -lt $most; and ${LIST_COMMAND} $place 2> /dev/null
end`;
}

/** The line for the arguments. Without one fish offers files. */
function argumentLines(command: string, args: CommandSummary['args']): readonly string[] {
  const line = `complete -c agentteam -f -n ${fishWord(`__fish_seen_subcommand_from ${command}`)}`;
  if (args === 'files') return [];
  return [
    args === 'others' ? line : `${line} -a '(__agentteam_runs ${args === 'run' ? 1 : 1000})'`,
  ];
}

function optionLine(
  command: string,
  { long, short, description, takesValue, choices }: OptionSummary,
): string {
  return [
    `complete -c agentteam -n ${fishWord(`__fish_seen_subcommand_from ${command}`)}`,
    ...(long === undefined ? [] : [`-l ${long.slice(2)}`]),
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    ...(choices.length > 0 ? [`-x -a ${fishWord(choices.join(' '))}`] : takesValue ? ['-r'] : []),
    `-d ${fishWord(description)}`,
  ].join(' ');
}

/** Quotes a word. In fish a backslash escapes a quote inside quotes. */
function fishWord(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
