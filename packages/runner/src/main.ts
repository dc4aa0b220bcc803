import { ENV, EXIT, RUNNER, type RunnerCommand } from '@agentteam/contract';
import { useOwnPrograms } from './environment/own-programs.ts';
import { printError } from './step/print.ts';
import { stopSignal } from './step/stop-signal.ts';

type Command = (env: NodeJS.ProcessEnv, argv: string[], signal: AbortSignal) => Promise<number>;

/** Commands are imported on use: a hook runs at every tool call, and must start fast. */
const COMMANDS: Readonly<Record<RunnerCommand, () => Promise<Command>>> = {
  setup: async () => (await import('./setup/command.ts')).setupCommand,
  agent: async () => (await import('./agent/command.ts')).agentCommand,
  gateway: async () => (await import('./gateway/command.ts')).gatewayCommand,
  checks: async () => (await import('./checks/command.ts')).checksCommand,
  deliver: async () => (await import('./deliver/command.ts')).deliverCommand,
  'roll-call': async () => (await import('./roll-call/command.ts')).rollCallCommand,
  finish: async () => (await import('./finish/command.ts')).finishCommand,
  hook: async () => {
    const { hookCommand } = await import('./hook/command.ts');
    return (_env, argv) => hookCommand(argv);
  },
  people: async () => (await import('./people/command.ts')).peopleCommand,
  results: async () => (await import('./results/command.ts')).resultsCommand,
};

const HELP = `Usage: ${RUNNER} <command>

Runs a step in a container of a compiled AgentTeam. Each command reads its spec from the
environment variable ${ENV.spec}, so it is not meant to be run by hand.

Commands:
  setup      Prepare the team's files, clone, worktrees and tasks
  agent      Run one Claude Code process as a member of the team
  gateway    Forward an agent's API and MCP traffic, and count its cost
  checks     Run the quality gates
  deliver    Push the result, and open a pull request
  roll-call  Tell the lead which teammates will not report
  finish     Write the totals, and send the notification
  hook       Decide whether an agent may use a tool
  people     Send or list people's messages to agents
  results    Read what a team has produced, for a person

Exit codes:
  0   the step succeeded              72  the agent reported that it failed
  1   the step failed and may be      73  the agent reported that it is blocked
      retried                         74  the lead did not report
  64  the spec is invalid             75  the provider's usage limit is reached
  65  changes outside the scope       76  a check failed
  66  the agent left tasks open       77  the budget was reached
  67  branches conflict
  68  refused; a person must change something first
`;

async function main(argv: string[]): Promise<number> {
  const [name = '', ...rest] = argv;
  if (!Object.hasOwn(COMMANDS, name)) {
    const asked = name === '--help' || name === '-h';
    (asked ? process.stdout : process.stderr).write(HELP);
    return asked ? EXIT.ok : EXIT.invalid;
  }
  try {
    const command = await COMMANDS[name as RunnerCommand]();
    const endsWithStdin =
      process.env[ENV.engine] === 'local' && !['hook', 'people', 'results'].includes(name);
    return await command(useOwnPrograms(process.env), rest, stopSignal(endsWithStdin));
  } catch (error) {
    const { explain, writeTerminationMessage } = await import('./step/failure.ts');
    const { storageErrorOf } = await import('@agentteam/volume');
    const stack = error instanceof Error ? error.stack : undefined;
    // Node would print the error unescaped, and it may contain an agent's text.
    printError(storageErrorOf(error) === undefined && stack !== undefined ? stack : explain(error));
    await writeTerminationMessage(process.env[ENV.root] ?? '', explain(error));
    return EXIT.failed;
  }
}

/** Keeps the step running when its log cannot be written, for example on a full disk. */
function ignoreLogErrors(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

ignoreLogErrors();
process.exit(await main(process.argv.slice(2)));
