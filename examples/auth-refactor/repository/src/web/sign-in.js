/** The request that the form sends on sign-in. */
export function signInRequest(name, password) {
  return { path: '/login', method: 'POST', body: { name, password } };
}

/** The token in the response. */
export function tokenOf(answer) {
  return answer.token;
}
