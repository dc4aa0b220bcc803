import type { AgentTeam, Teammate } from '@agentteam/api';
import { LEAD } from '@agentteam/contract';
import { reference } from '../script/references.ts';
import type { Turn } from '../script/script.ts';
import { fileInScope } from './own-file.ts';
import {
  calledServers,
  commitTurn,
  literal,
  PLAYED_RETRIES,
  reportTurns,
  teamCall,
} from './text.ts';

/** A teammate claims its task, writes a file, calls its MCP servers, writes to its dependants, and reports. */
export function teammateTurns(mate: Teammate, { spec }: AgentTeam): readonly Turn[] {
  const { name, prompt, dependsOn = [], mcpServers = [] } = mate;
  const task = reference(`task.${name}`);
  const file = fileOf(mate, spec);
  const dependants = spec.teammates.filter((other) => other.dependsOn?.includes(name));
  const done = file === undefined ? `${name} is done.` : `${name} is done: ${file.shown}.`;
  const content = [
    `# ${name}`,
    `Asked for:\n\n${literal(prompt.trim())}`,
    ...dependsOn.map((other) => `## From ${other}\n\n${reference(`report.${other}`)}`),
    'Written in a rehearsal.\n',
  ].join('\n\n');
  const letter = { summary: `${name} has done its part`, message: literal(done) };
  return [
    { text: 'Looking at the task list.', tools: [{ name: 'TaskList' }] },
    { tools: [teamCall('TaskUpdate', { taskId: task, status: 'in_progress' })] },
    ...(file === undefined
      ? []
      : [{ tools: [{ name: 'Write', input: { file_path: file.path, content } }] }]),
    ...calledServers(mcpServers),
    ...(spec.repository === undefined || file === undefined
      ? []
      : [commitTurn(file.shown, `Rehearse the part of ${name}`)]),
    {
      tools: [LEAD, ...dependants.map((other) => other.name)].map((to) =>
        teamCall('SendMessage', { to, ...letter }),
      ),
    },
    { tools: [teamCall('TaskUpdate', { taskId: task, status: 'completed' })] },
    ...reportTurns(literal(done)),
    // A retry can give this agent a changed task, which it reports again.
    ...Array.from({ length: PLAYED_RETRIES }, () => reportTurns(literal(done))).flat(),
  ];
}

interface OwnFile {
  /** Path for the Write tool. */
  readonly path: string;
  /** Path for people and git. */
  readonly shown: string;
}

/** The file that the teammate creates; undefined if its scope has only single files. */
function fileOf(mate: Teammate, { repository, workspace }: AgentTeam['spec']): OwnFile | undefined {
  const name = `${mate.name}.md`;
  if (repository === undefined) {
    const directory = workspace?.output?.mountPath;
    const path = directory === undefined ? inTree(name) : `${directory}/${name}`;
    return { path, shown: directory === undefined ? name : path };
  }
  const free = fileInScope(name, mate);
  return free === undefined ? undefined : { path: inTree(literal(free)), shown: free };
}

function inTree(path: string): string {
  return `${reference('paths.cwd')}/${path}`;
}
