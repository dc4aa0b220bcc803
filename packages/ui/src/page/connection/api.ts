import type { TranscriptPage } from '@agentteam/detail';
import type { Session } from '@agentteam/ui';

const KEY = 'agentteam-token';

/**
 * Takes the token from the fragment, which is never sent, and removes it from the address. It is stored for
 * this origin, which includes the port; a cookie would go to every port of the host.
 */
export function takeToken(): void {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (token === undefined) return;
  localStorage.setItem(KEY, token);
  history.replaceState(null, '', '#/');
}

/** Sent back with each action. */
let csrf = '';
let onLoggedOut = (): void => {};

/** @param listener called when the server no longer knows who uses the page. */
export function whenLoggedOut(listener: () => void): void {
  onLoggedOut = listener;
}

/** Thrown when the person must log in. */
export class LoginNeeded extends Error {}

/** Milliseconds without a reply after which a connection counts as lost. Its end may never be reported. */
export const LOST_MS = 60_000;

/**
 * @param init its signal replaces the limit of {@link LOST_MS} for the whole reply.
 * @throws TypeError or TimeoutError if the server does not answer; Error with the server's message if it refuses.
 */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const token = localStorage.getItem(KEY);
  const headers = {
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(csrf !== '' && { 'x-agentteam-csrf': csrf }),
    ...(init.body != null && { 'content-type': 'application/json' }),
  };
  const signal = init.signal ?? AbortSignal.timeout(LOST_MS);
  const response = await fetch(path, { ...init, headers, signal });
  if (response.ok) return response;
  const { error, login } = await refusalIn(response);
  if (login !== true) throw new Error(error);
  // The token of an `agentteam ui` that had this address before.
  localStorage.removeItem(KEY);
  onLoggedOut();
  throw new LoginNeeded(error);
}

/** A proxy before the server may answer with a page of its own. */
async function refusalIn(response: Response): Promise<{ error: string; login?: true }> {
  try {
    return await response.json();
  } catch {
    return { error: `The server has answered with status ${response.status}. Reload the page.` };
  }
}

export async function readSession(): Promise<Session> {
  const session = (await (await request('/api/session')).json()) as Session;
  csrf = session.csrf ?? '';
  return session;
}

export async function logIn(token: string): Promise<void> {
  await request('/api/login', { method: 'POST', body: JSON.stringify({ token }) });
}

export async function logOut(): Promise<void> {
  // A session that has ended needs no logout.
  await request('/api/logout', { method: 'POST' }).catch(() => undefined);
  onLoggedOut();
}

/** Entries of a transcript that one request asks for. */
const PAGE_ENTRIES = 2000;

/** What a person is told about a request that failed. */
export function problemOf(error: unknown): string {
  const { name, message } = error as Error;
  const isOffline = error instanceof TypeError || name === 'TimeoutError';
  return isOffline ? 'The server does not answer. Is it still running?' : message;
}

export async function readTranscriptPage(
  team: string,
  agent: string,
  from: string,
  signal: AbortSignal,
): Promise<TranscriptPage> {
  const query = `from=${encodeURIComponent(from)}&limit=${PAGE_ENTRIES}`;
  const path = `/api/teams/${team}/transcripts/${agent}?${query}`;
  const until = AbortSignal.any([signal, AbortSignal.timeout(LOST_MS)]);
  return (await request(path, { signal: until })).json() as Promise<TranscriptPage>;
}

/** Answers a gate. @returns a remark for the user. */
export async function decide(
  team: string,
  event: string,
  decision: 'approve' | 'reject',
  reason: string,
): Promise<string | undefined> {
  const response = await request(`/api/teams/${team}/gates/${event}`, {
    method: 'POST',
    body: JSON.stringify({ decision, reason }),
  });
  return ((await response.json()) as { note?: string }).note;
}

/** Answers a question of an agent. @returns a remark for the user. */
export function answer(team: string, id: string, text: string): Promise<string | undefined> {
  return post(`/api/teams/${team}/questions/${id}`, { text });
}

/** Sends a message to agents; to all of them if none is named. @returns a remark for the user. */
export function tell(
  team: string,
  agents: readonly string[],
  text: string,
): Promise<string | undefined> {
  return post(`/api/teams/${team}/messages`, { agents, text });
}

/** Interrupts an agent's turn. @returns a remark for the user. */
export function interrupt(team: string, agent: string): Promise<string | undefined> {
  return post(`/api/teams/${team}/interrupts/${agent}`, {});
}

export type Action = 'pause' | 'resume' | 'stop' | 'read-files';

/** Pauses, resumes or stops a team, or has its files read. @returns a remark for the user. */
export function act(team: string, action: Action): Promise<string | undefined> {
  return post(`/api/teams/${team}/actions/${action}`, {});
}

async function post(path: string, body: object): Promise<string | undefined> {
  const response = await request(path, { method: 'POST', body: JSON.stringify(body) });
  return ((await response.json()) as { note?: string }).note;
}
