import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { agentteam, type Outcome } from '../../commands/agentteam.ts';

export interface CodingTeam {
  /** Files that the repository begins with, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Below `spec:` of the team file, in YAML: `teammates`, `qualityGates`. */
  readonly spec: string;
  /** Fields of `lifecycle`, as in a YAML flow. */
  readonly lifecycle?: string;
  /** Below `agents:` of the rehearsal's script, in YAML. */
  readonly agents: string;
}

/** Name of the team, and so of its run. */
const TEAM = 'crew';

/** A coding team that has been run here by the CLI: real agents, real git, a scripted model. */
export class CodingRun {
  readonly cwd: string;
  readonly outcome: Outcome;

  private constructor(cwd: string, outcome: Outcome) {
    this.cwd = cwd;
    this.outcome = outcome;
  }

  /** @param options of `agentteam run`, besides those that every such run has. */
  static async start(
    cwd: string,
    { files, spec, lifecycle = 'onComplete: create-pr', agents }: CodingTeam,
    options: readonly string[] = [],
  ): Promise<CodingRun> {
    await mkdir(join(cwd, 'repository'));
    for (const [path, text] of Object.entries(files)) {
      await writeFile(join(cwd, 'repository', path), text);
    }
    const team = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: ${TEAM}, namespace: dev }
spec:
  repository: { url: "https://git.example.com/acme/backend.git", credentialsSecret: git }
  lead: { model: haiku, prompt: Coordinate. }
  lifecycle: { ${lifecycle} }
${indented(spec)}`;
    await writeFile(join(cwd, 'team.yaml'), team);
    await writeFile(join(cwd, 'rehearsal.yaml'), `agents:\n${indented(agents)}`);
    return new CodingRun(
      cwd,
      await agentteam(['run', 'team.yaml', '--rehearse', '--keep', ...options], cwd),
    );
  }

  /** The run's directory. */
  get run(): string {
    return join(this.cwd, '.agentteam', TEAM);
  }

  /** Where the result is pushed to. */
  get remote(): string {
    return join(this.run, 'remote/acme/backend.git');
  }

  /** What the last step leaves for people to fetch from. */
  get result(): string {
    return join(this.run, 'volumes/team/repository/result.git');
  }

  tree(agent: string): string {
    return join(this.run, 'volumes/team/repository/trees', agent);
  }

  /** What one would type next. */
  next(verb: string, ...args: readonly string[]): Promise<Outcome> {
    return agentteam([verb, TEAM, ...args], this.cwd);
  }

  /** What the runner has told an agent, as its own transcript has it. */
  async told(agent: string): Promise<string> {
    const projects = join(this.run, 'volumes/team/sessions', agent, 'projects');
    const files = await readdir(projects, { recursive: true });
    const texts = await Promise.all(
      files
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => readFile(join(projects, name), 'utf8')),
    );
    return texts
      .flatMap((text) => text.split('\n').filter(Boolean))
      .map((line) => (JSON.parse(line) as Line).message)
      .filter((message) => message?.role === 'user')
      .map((message) => textOf(message?.content))
      .join('\n');
  }
}

interface Line {
  readonly message?: { readonly role?: string; readonly content?: unknown };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const blocks = Array.isArray(content) ? (content as readonly { readonly text?: string }[]) : [];
  return blocks.flatMap(({ text }) => text ?? []).join('\n');
}

function indented(yaml: string): string {
  return yaml.trim().replace(/^(?=.)/gm, '  ');
}

/** Runs git as a person would, and returns what it printed. */
export async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  return (await execa('git', args, { cwd })).stdout;
}

/** A call of the report tool. */
export const REPORT = '{ name: report, input: { outcome: completed, summary: Done. } }';

/** A lead that waits until all have ended, and reports. */
export const WAITING_LEAD = `
team-lead:
  turns:
    - { text: I wait. }
    - { until: { ended: true }, tools: [${REPORT}] }
    - { text: It is merged. }
`;

/** Turns of a script: the agent runs a shell command and says something. */
export function does(command: string, text: string): string {
  const call = `{ name: Bash, input: { command: ${JSON.stringify(command)} } }`;
  return `    - { tools: [${call}] }\n    - { text: ${JSON.stringify(text)} }\n`;
}

/** All that a teammate says and does: a shell command, its task, and more turns for when it is asked again. */
export function mate(name: string, command: string, more = ''): string {
  const calls = [
    `{ name: Bash, input: { command: ${JSON.stringify(command)} } }`,
    '{ name: TaskList }',
  ];
  const complete = `{ name: TaskUpdate, input: { taskId: "\${task.${name}}", status: completed } }`;
  return `${name}:\n  turns:\n    - { tools: [${calls.join(', ')}] }\n    - { tools: [${complete}, ${REPORT}] }\n    - { text: Done. }\n${more}`;
}
