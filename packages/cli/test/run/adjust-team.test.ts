import type { AgentTeam } from '@agentteam/api';
import { compileText } from '@agentteam/compiler';
import { describe, expect, test } from '@jest/globals';
import { adjustTeam } from '../../src/run/adjust-team.ts';

function teamOf(text: string): AgentTeam {
  const { compiled, problems } = compileText(text);
  if (compiled === undefined) throw new Error(JSON.stringify(problems));
  return compiled.team;
}

const team = teamOf(`
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: t }
spec:
  repository: { url: "git@github.com:acme/backend.git" }
  lead:
    prompt: Coordinate.
    mcpServers: [{ name: tracker, url: "https://tracker.example.com/mcp" }]
  teammates:
    - name: mailer
      prompt: Mail.
      mcpServers: [{ name: gmail, url: "https://gmail.mcp.example.com/mcp" }]
  lifecycle:
    budgetLimit: "15.00"
    approvalGates:
      - { event: spawn-mailer, channel: webhook, webhookUrl: "https://hooks.example.com/a" }
  observability:
    webhook: { url: "https://hooks.example.com/b" }
`);

describe('adjustTeam', () => {
  test('sends a rehearsal to no other address, and keeps the credentials of the team', () => {
    const credentials = [{ name: 'max', oauthSecret: 'subscription' }];
    const auth = { credentials, baseUrl: 'https://llm.example.com' };
    const given = { ...team, spec: { ...team.spec, auth } };
    expect(adjustTeam(given, {}).spec.auth).toEqual(auth);
    const url = 'http://127.0.0.1:1234';
    expect(adjustTeam(given, { rehearsalUrl: url }).spec.auth).toEqual({ credentials });
  });

  test('adds only the Secret of the credential to a real run', () => {
    expect(adjustTeam(team, {})).toEqual({
      ...team,
      spec: { ...team.spec, auth: { apiKeySecret: 'anthropic-api-key' } },
    });
  });

  test('applies the budget and the repository of the command line', () => {
    expect(adjustTeam(team, { budget: '5.00', repositoryUrl: '/r.git' }).spec).toMatchObject({
      repository: { url: '/r.git' },
      lifecycle: { budgetLimit: '5.00' },
    });
  });

  test('replaces or removes all URLs in a rehearsal', () => {
    const rehearsed = adjustTeam(team, {
      rehearsalUrl: 'http://127.0.0.1:4000',
      repositoryUrl: '/tmp/r.git',
    });
    expect(JSON.stringify(rehearsed)).not.toContain('example.com');
    expect(JSON.stringify(rehearsed)).not.toContain('github.com');
    expect(rehearsed.spec.lead.mcpServers).toEqual([
      { name: 'tracker', url: 'http://127.0.0.1:4000/mcp/tracker' },
    ]);
    expect(rehearsed.spec.lifecycle.approvalGates).toMatchObject([
      { event: 'spawn-mailer', channel: 'none' },
    ]);
  });
});
