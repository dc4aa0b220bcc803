import type { AgentTeam } from '@agentteam/api';
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

const TASK = 'Summarise what the team has done';
const REPOSITORY_FILE = 'TEAM-REPORT.md';

/** The lead greets its teammates, waits until all have ended, and writes their reports to a file. */
export function leadTurns({ metadata, spec }: AgentTeam): readonly Turn[] {
  const { teammates, repository, workspace, lead } = spec;
  const task = reference(`task.${TASK}`);
  const cwd = reference('paths.cwd');
  const output = workspace?.output?.mountPath;
  const committed = repository && fileInScope(REPOSITORY_FILE, lead);
  const file =
    repository === undefined
      ? `${output ?? cwd}/report.md`
      : committed && `${cwd}/${literal(committed)}`;
  const written = committed ?? `${output ?? '.'}/report.md`;
  const place =
    file === undefined
      ? ''
      : `; ${teammates.length === 1 ? 'its report is' : 'their reports are'} in ${literal(written)}`;
  const content = [
    `# ${metadata.name}`,
    ...teammates.map(({ name }) => `## ${name}\n\n${reference(`report.${name}`)}`),
    'Written in a rehearsal.\n',
  ].join('\n\n');
  const summary = [
    `${teammates.length === 1 ? 'The teammate has' : 'The teammates have'} ended${place}.`,
    ...teammates.map(({ name }) => `- ${name}: ${reference(`report.${name}`)}`),
  ].join('\n');
  const greeting = { summary: 'welcome to the team', message: 'Your task is on the list.' };
  return [
    { tools: [{ name: 'TaskCreate', input: { subject: TASK, description: TASK } }] },
    { tools: [teamCall('TaskUpdate', { taskId: task, owner: LEAD, status: 'in_progress' })] },
    { tools: teammates.map(({ name }) => teamCall('SendMessage', { to: name, ...greeting })) },
    ...calledServers(lead.mcpServers ?? []),
    { text: 'The team is working.' },
    file === undefined
      ? { until: { ended: true }, text: 'I have no file of my own to write.' }
      : { until: { ended: true }, tools: [{ name: 'Write', input: { file_path: file, content } }] },
    ...(committed === undefined ? [] : [commitTurn(committed, 'Summarise the rehearsal')]),
    { tools: [teamCall('TaskUpdate', { taskId: task, status: 'completed' })] },
    ...reportTurns(summary),
    // A retry can repeat some teammates. The lead reports again when they have ended.
    ...Array.from({ length: PLAYED_RETRIES }, () => reportTurns(summary, { ended: true })).flat(),
  ];
}
