import { type CommandSummary, LIST_COMMAND, type OptionSummary } from './command-summary.ts';

export function fishScript(commands: readonly CommandSummary[]): string {
  const lines = commands.flatMap(({ name, summary, args, options }) => [
    `complete -c agentteam -f -n __fish_use_subcommand -a ${name} -d ${fishWord(summary)}`,
    ...argumentLines(name, args),
    ...options.map((option) => optionLine(name, option)),
  ]);
  return `# fish completion for agentteam: agentteam completion fish | source\n${lines.join('\n')}\n`;
}

/** The line for the arguments. Without one fish offers files. */
function argumentLines(command: string, args: CommandSummary['args']): readonly string[] {
  const line = `complete -c agentteam -f -n ${fishWord(`__fish_seen_subcommand_from ${command}`)}`;
  if (args === 'files') return [];
  return [args === 'others' ? line : `${line} -a '(${LIST_COMMAND} 2> /dev/null)'`];
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
