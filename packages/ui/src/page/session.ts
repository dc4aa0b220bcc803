import type { Session } from '@agentteam/ui';
import { type Context, createContext } from 'preact';
import { useContext } from 'preact/hooks';

const SessionContext = createContext<Session | undefined>(undefined);

export const SessionProvider: Context<Session | undefined>['Provider'] = SessionContext.Provider;

/** Who uses the page, and what they may do with it. Only below {@link SessionProvider}. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('there is no session');
  return session;
}
