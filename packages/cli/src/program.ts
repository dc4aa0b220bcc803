import { Command } from 'commander';
import type { Context } from './context.ts';

/**
 * Makes a command with its arguments, options, help and action. Each is a file in `commands/`.
 * @param all makes every command, for one that tells of the others.
 */
export type MakeCommand = (context: Context, all: () => Promise<readonly Command[]>) => Command;

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: MakeCommand }>;
}

/** Only the command that is asked for is loaded: the others cost nothing but their line here. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  run: { summary: 'run a team on this machine', load: () => import('./commands/run.ts') },
  resume: { summary: 'go on with a run', load: () => import('./commands/resume.ts') },
  retry: { summary: 'repeat what failed in a run', load: () => import('./commands/retry.ts') },
  validate: { summary: 'check team files', load: () => import('./commands/validate.ts') },
  compile: { summary: 'print the Argo Workflow', load: () => import('./commands/compile.ts') },
  graph: { summary: 'draw who waits for whom', load: () => import('./commands/graph.ts') },
  plan: {
    summary: 'what a run would do, touch, need and cost',
    load: () => import('./commands/plan.ts'),
  },
  init: { summary: 'write a commented team file', load: () => import('./commands/init.ts') },
  submit: {
    summary: 'put a team into a cluster',
    load: () => import('./commands/submit.ts'),
  },
  list: { summary: 'list teams', load: () => import('./commands/list.ts') },
  get: { summary: 'show a team', load: () => import('./commands/get.ts') },
  watch: { summary: 'show a team until it has ended', load: () => import('./commands/watch.ts') },
  logs: { summary: "print agents' logs", load: () => import('./commands/logs.ts') },
  messages: {
    summary: "print the team's mail as a conversation",
    load: () => import('./commands/messages.ts'),
  },
  cost: {
    summary: 'what a team cost, by agent and model',
    load: () => import('./commands/cost.ts'),
  },
  approve: { summary: 'open a gate', load: () => import('./commands/approve.ts') },
  reject: { summary: 'refuse a gate', load: () => import('./commands/reject.ts') },
  stop: { summary: 'stop a team', load: () => import('./commands/stop.ts') },
  doctor: {
    summary: 'look whether a cluster has what teams need',
    load: () => import('./commands/doctor.ts'),
  },
  install: {
    summary: 'put the controller into a cluster',
    load: () => import('./commands/install.ts'),
  },
  uninstall: {
    summary: 'take the controller out of a cluster',
    load: () => import('./commands/uninstall.ts'),
  },
  rehearsal: {
    summary: 'play the model for a team that runs elsewhere',
    load: () => import('./commands/rehearsal.ts'),
  },
  completion: {
    summary: 'print completion for a shell',
    load: () => import('./commands/completion.ts'),
  },
  delete: { summary: 'delete a team', load: () => import('./commands/delete.ts') },
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/**
 * The program, with the command that `argv` names in full and the others by their summary.
 * @param argv arguments after the program's name.
 */
export async function makeProgram(
  argv: readonly string[],
  context: Context,
  version: string,
): Promise<Command> {
  const program = new Command('agentteam')
    .description('Runs teams of Claude Code agents: on this machine, or on Kubernetes with Argo.')
    .version(version, '-V, --version')
    .option('-v, --verbose', 'show where an error came from')
    .showHelpAfterError('(agentteam --help shows the commands)')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
    })
    .exitOverride()
    .addHelpText('after', '\nExample:\n  $ agentteam run team.yaml --rehearse\n');
  const words = argv.filter((word) => !word.startsWith('-'));
  const wanted = words[0] === 'help' ? words[1] : words[0];
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    program.addCommand(
      name === wanted
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

/** Every command in full. */
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

/** Errors and output of a command go the program's way. */
function inherit(command: Command, program: Command): Command {
  command.copyInheritedSettings(program);
  command.option('-v, --verbose', 'show where an error came from');
  return command.showHelpAfterError(`(agentteam ${command.name()} --help shows how it is used)`);
}
