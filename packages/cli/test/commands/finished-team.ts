import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agentteam, type Outcome } from './agentteam.ts';

/** A file name that a page would run if it did not escape it. */
export const HOSTILE_NAME = '<img src=x onerror=alert(1)>.md';
/** Colours a terminal, sets its title, and reverses a text. */
export const HOSTILE_REPORT =
  '\u001b[31mred\u001b[0m \u001b]0;owned\u0007 <script>alert(2)</script> \u202eevil';

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: crew, namespace: office }
spec:
  workspace: { output: { mountPath: /workspace/output } }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { model: haiku, prompt: Coordinate. }
  teammates:
    - { name: writer, model: haiku, prompt: Write the summary., budgetLimit: "2.00" }
    - { name: mailer, model: haiku, prompt: Mail it., dependsOn: [writer] }
  lifecycle:
    budgetLimit: "5.00"
    approvalGates: [{ event: spawn-mailer }]
`;

const report = (summary: string) => ({
  name: 'report',
  input: { outcome: 'completed', summary },
});
const completed = (taskId: string) => ({
  name: 'TaskUpdate',
  input: { taskId, status: 'completed' },
});

/** JSON is YAML. */
const SCRIPT = JSON.stringify({
  agents: {
    'team-lead': {
      idle: 'Waiting.',
      turns: [
        {
          text: 'I ask the writer.',
          tools: [
            {
              name: 'SendMessage',
              input: {
                to: 'writer',
                summary: 'start',
                message: 'Please begin. <b onclick=alert(3)>now</b>',
              },
              retries: 5,
            },
          ],
        },
        { until: { ended: true }, tools: [report(HOSTILE_REPORT)] },
        { text: 'All done.' },
      ],
    },
    writer: {
      turns: [
        {
          tools: [
            {
              name: 'Bash',
              input: {
                description: 'Write the results',
                command: [
                  `printf '# Sales\\n\\n| a | b |\\n|---|---|\\n| 1 | <script>alert(4)</script> |\\n\\n[x](javascript:alert(5)) ![](http://198.51.100.7/x.png)\\n' > '/workspace/output/${HOSTILE_NAME}'`,
                  "mkdir -p '/workspace/output/data'",
                  "printf 'region,sum\\nEast,3\\n' > '/workspace/output/data/sums.csv'",
                  "printf 'red \\033[31m\\n' > '/workspace/output/plain.txt'",
                  "ln -s /etc/hostname '/workspace/output/link.txt'",
                ].join('; '),
              },
            },
          ],
        },
        { tools: [completed('1'), report('I wrote the summary.')] },
        { text: 'Written.' },
      ],
    },
    mailer: { turns: [{ tools: [completed('2'), report('Sent.')] }, { text: 'Mailed.' }] },
  },
});

/** Rehearses a team whose agents write hostile texts, until it has ended. Its name is `crew`. */
export async function finishedTeam(cwd: string): Promise<Outcome> {
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  await writeFile(join(cwd, 'rehearsal.yaml'), SCRIPT);
  return agentteam(['run', 'team.yaml', '--rehearse', '--approve', 'all'], cwd);
}
