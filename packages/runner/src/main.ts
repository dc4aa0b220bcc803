import { ENV, EXIT, RUNNER, type RunnerCommand } from '@agentteam/contract';
import { complain } from './step/say.ts';

type Command = (env: NodeJS.ProcessEnv, argv: string[], signal: AbortSignal) => Promise<number>;

/** Imported when they are used: a hook runs at every tool call, and must start fast. */
const COMMANDS: Readonly<Record<RunnerCommand, () => Promise<Command>>> = {
  setup: async () => (await import('./setup/command.ts')).setupCommand,
  agent: async () => (await import('./agent/command.ts')).agentCommand,
  gateway: async () => {
    const { gatewayCommand } = await import('./gateway/command.ts');
    return (env, _argv, signal) => gatewayCommand(env, signal);
  },
  checks: async () => {
    const { checksCommand } = await import('./checks/command.ts');
    const { openLeadRounds } = await import('./agent/lead-rounds.ts');
    return (env, argv, signal) => checksCommand(env, argv, signal, openLeadRounds);
  },
  deliver: async () => (await import('./deliver/command.ts')).deliverCommand,
  'roll-call': async () => (await import('./roll-call/command.ts')).rollCallCommand,
  finish: async () => (await import('./finish/command.ts')).finishCommand,
  hook: async () => {
    const { hookCommand } = await import('./hook/command.ts');
    return (_env, argv) => hookCommand(argv);
  },
};

const HELP = `Usage: ${RUNNER} <command>

The program in the containers of a compiled AgentTeam. Not meant to be run by hand: each
command reads what to do from ${ENV.spec}.

Commands:
  setup      makes the team's files, clone, worktrees and tasks
  agent      runs one Claude Code process as a member of the team
  gateway    the sidecar that all of an agent's API and MCP traffic goes through
  checks     runs the quality gates
  deliver    pushes the result and opens a pull request
  roll-call  tells the lead who never came
  finish     writes the totals and notifies
  hook       judges a tool call of an agent

Exit codes:
  0 done   1 failed, may be retried   64 bad spec   65 changes outside the scope
  66 tasks left open   67 branches in conflict   68 refused   72 reported failed
  73 reported blocked   74 no report   75 the provider's limit is reached   76 checks failed
  77 budget spent
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
    return await command(process.env, rest, stopSignal(name as RunnerCommand));
  } catch (error) {
    const { explain, leaveWords } = await import('./step/failure.ts');
    const { storageErrorOf } = await import('@agentteam/volume');
    const stack = error instanceof Error ? error.stack : undefined;
    // Node would print it as it is, and it may quote what an agent wrote.
    complain(storageErrorOf(error) === undefined && stack !== undefined ? stack : explain(error));
    await leaveWords(process.env[ENV.root] ?? '', explain(error));
    return EXIT.failed;
  }
}

/** A log that takes nothing more, on a full disk, ends nobody's work. */
function goOnWithoutLog(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Aborts when the container is told to end; on the embedded engine also when the engine is gone. */
function stopSignal(command: RunnerCommand): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  if (process.env[ENV.engine] === 'local' && command !== 'hook') {
    process.stdin.on('end', () => stop.abort()).on('error', () => stop.abort());
    process.stdin.resume();
  }
  return stop.signal;
}

goOnWithoutLog();
process.exit(await main(process.argv.slice(2)));
