import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ASK_TOOL, PATHS, REPORT_TOOL } from '@agentteam/contract';
import { MAIL_ELEMENT } from '@agentteam/volume';
import type { AgentCli, AgentProcess, StartOptions } from '../agent-cli.ts';
import { prepareHome } from './home.ts';
import { claudeArguments, claudeEnvironment, claudeProgram } from './launch.ts';
import { mailText } from './mail-text.ts';
import { serveMcp } from './mcp-server.ts';
import { ClaudeProcess } from './process.ts';
import { findTranscript, hasMessage, readDelivered } from './transcript.ts';

/** Claude Code, which joins the team as a native member. */
export const claudeCode: AgentCli = {
  vocabulary: {
    sendMail: 'SendMessage',
    report: REPORT_TOOL.fullName,
    ask: ASK_TOOL.fullName,
    stopTask: 'TaskStop',
    mailElement: MAIL_ELEMENT,
  },
  formatMail: mailText,
  start,
};

async function start(options: StartOptions): Promise<AgentProcess> {
  const { spec, directories, gateway, cwd, variables, deliveries, tools, signal } = options;
  const projects = projectsIn(directories.session);
  const files = await prepareHome({
    spec,
    directories,
    projects,
    gateway,
    cwd,
    variables,
    runner: runner(),
  });
  const transcript = await resumableTranscript(projects, options.sessionId);
  const isResumed = transcript !== undefined;
  const readBefore = isResumed ? await readDelivered(transcript, deliveries) : new Set<string>();
  signal.throwIfAborted();
  return new ClaudeProcess({
    program: claudeProgram(options.runnerEnv),
    args: claudeArguments(spec, { ...options, files, isResumed }),
    cwd,
    env: claudeEnvironment({ ...options, home: directories.home, commandScript: files.script }),
    isResumed,
    readBefore,
    onEvent: options.onEvent,
    answerMcp: serveMcp(tools),
  });
}

/** The transcript of a session that can be resumed. One that keeps its session from being started is removed. */
async function resumableTranscript(
  projects: string,
  sessionId: string,
): Promise<string | undefined> {
  const transcript = await findTranscript(projects, sessionId);
  if (transcript === undefined || (await hasMessage(transcript))) return transcript;
  await rm(transcript, { force: true });
  return undefined;
}

/** Where an agent's transcripts are, so that its session survives the pod. */
export function projectsIn(session: string): string {
  return join(session, basename(PATHS.projects));
}

/** The command line that runs this program again, for Claude Code's hook. */
function runner(): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}
