import { type CommandWords, LIST_RUNS, type OptionWords } from './vocabulary.ts';

export function fishScript(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, summary, args, options }) => [
    `complete -c agentteam -f -n __fish_use_subcommand -a ${name} -d ${fishWord(summary)}`,
    ...argumentLines(name, args),
    ...options.map((option) => optionLine(name, option)),
  ]);
  return `# fish completion for agentteam: agentteam completion fish | source\n${lines.join('\n')}\n`;
}

/** Without a line of its own fish offers files. */
function argumentLines(command: string, args: CommandWords['args']): readonly string[] {
  const line = `complete -c agentteam -f -n ${fishWord(`__fish_seen_subcommand_from ${command}`)}`;
  if (args === 'files') return [];
  return [args === 'others' ? line : `${line} -a '(${LIST_RUNS} 2> /dev/null)'`];
}

function optionLine(
  command: string,
  { long, short, description, takesValue, choices }: OptionWords,
): string {
  return [
    `complete -c agentteam -n ${fishWord(`__fish_seen_subcommand_from ${command}`)}`,
    ...(long === undefined ? [] : [`-l ${long.slice(2)}`]),
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    ...(choices.length > 0 ? [`-x -a ${fishWord(choices.join(' '))}`] : takesValue ? ['-r'] : []),
    `-d ${fishWord(description)}`,
  ].join(' ');
}

/** In fish a quote inside quotes is escaped by a backslash. */
function fishWord(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
