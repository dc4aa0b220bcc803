import { Command } from 'commander';
import type { Context } from './context.ts';

/**
 * Makes a command with its arguments, options, help and action. Each command is a file in `commands/`.
 * @param all makes every command; shell completion needs them.
 */
export type MakeCommand = (context: Context, all: () => Promise<readonly Command[]>) => Command;

interface Entry {
  /** Verb first, without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: MakeCommand }>;
}

/** Only the requested command is loaded, so that the program starts quickly. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  run: { summary: 'run a team on this machine', load: () => import('./commands/run.ts') },
  pause: { summary: 'pause a run', load: () => import('./commands/pause.ts') },
  resume: {
    summary: 'continue a paused or interrupted run',
    load: () => import('./commands/resume.ts'),
  },
  retry: {
    summary: 'repeat the failed steps of a team',
    load: () => import('./commands/retry.ts'),
  },
  validate: { summary: 'check team files', load: () => import('./commands/validate.ts') },
  compile: { summary: 'print the Argo Workflow', load: () => import('./commands/compile.ts') },
  graph: { summary: 'draw the order of the steps', load: () => import('./commands/graph.ts') },
  plan: {
    summary: 'show what a run would do, access, need and cost',
    load: () => import('./commands/plan.ts'),
  },
  init: { summary: 'write a team file with comments', load: () => import('./commands/init.ts') },
  submit: {
    summary: 'run a team on a cluster',
    load: () => import('./commands/submit.ts'),
  },
  list: { summary: 'list teams', load: () => import('./commands/list.ts') },
  get: { summary: 'show a team', load: () => import('./commands/get.ts') },
  watch: { summary: 'show a team until it has ended', load: () => import('./commands/watch.ts') },
  ui: {
    summary: 'show teams in a web page',
    load: () => import('./commands/ui.ts'),
  },
  console: {
    summary: 'serve the web page to many people in a cluster',
    load: () => import('./commands/console.ts'),
  },
  logs: { summary: "print the agents' logs", load: () => import('./commands/logs.ts') },
  messages: {
    summary: "print the team's mail as a conversation",
    load: () => import('./commands/messages.ts'),
  },
  answer: { summary: 'answer a question of an agent', load: () => import('./commands/answer.ts') },
  tell: { summary: 'send a message to an agent', load: () => import('./commands/tell.ts') },
  attach: {
    summary: 'follow an agent, speak to it, interrupt it',
    load: () => import('./commands/attach.ts'),
  },
  cost: {
    summary: 'show what a team cost, by agent and model',
    load: () => import('./commands/cost.ts'),
  },
  report: {
    summary: 'write a report of a team as one file',
    load: () => import('./commands/report.ts'),
  },
  outputs: {
    summary: 'list and fetch what a team produced',
    load: () => import('./commands/outputs.ts'),
  },
  approve: { summary: 'approve a gate', load: () => import('./commands/approve.ts') },
  reject: { summary: 'reject a gate', load: () => import('./commands/reject.ts') },
  stop: { summary: 'stop a team', load: () => import('./commands/stop.ts') },
  doctor: {
    summary: 'check that a cluster is ready for teams',
    load: () => import('./commands/doctor.ts'),
  },
  install: {
    summary: 'install the controller on a cluster',
    load: () => import('./commands/install.ts'),
  },
  uninstall: {
    summary: 'remove the controller from a cluster',
    load: () => import('./commands/uninstall.ts'),
  },
  rehearsal: {
    summary: 'serve scripted model replies to a team that runs elsewhere',
    load: () => import('./commands/rehearsal.ts'),
  },
  completion: {
    summary: 'print the completion script of a shell',
    load: () => import('./commands/completion.ts'),
  },
  delete: { summary: 'delete teams', load: () => import('./commands/delete.ts') },
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/**
 * Makes the program. The command that `argv` names is complete; the others have only a summary.
 * @param argv arguments after the program's name.
 */
export async function makeProgram(
  argv: readonly string[],
  context: Context,
  version: string,
): Promise<Command> {
  const program = new Command('agentteam')
    .description('Run teams of Claude Code agents on this machine or on Kubernetes with Argo.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .option('-v, --verbose', VERBOSE)
    .showHelpAfterError('(for a list of commands, run: agentteam --help)')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
    })
    .exitOverride()
    .addHelpText('after', '\nExample:\n  $ agentteam run team.yaml --rehearse\n');
  const positional = argv.filter((argument) => !argument.startsWith('-'));
  const requested = positional[0] === 'help' ? positional[1] : positional[0];
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    program.addCommand(
      name === requested
        ? inherit(
            (await load())
              .command(context, () => allCommands(context))
              .name(name)
              .summary(summary),
            program,
          )
        : new Command(name).summary(summary),
    );
  }
  return program;
}

const VERBOSE = 'print the stack trace of an error';

/** Makes every command in full. */
async function allCommands(context: Context): Promise<readonly Command[]> {
  return Promise.all(
    Object.entries(COMMANDS).map(async ([name, { summary, load }]) =>
      (await load())
        .command(context, () => allCommands(context))
        .name(name)
        .summary(summary),
    ),
  );
}

/** Gives a command the error handling and the output of the program. */
function inherit(command: Command, program: Command): Command {
  command.copyInheritedSettings(program);
  command.helpOption('-h, --help', 'print help');
  command.option('-v, --verbose', VERBOSE);
  return command.showHelpAfterError(`(for help, run: agentteam ${command.name()} --help)`);
}
