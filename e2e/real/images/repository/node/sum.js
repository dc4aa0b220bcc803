export const of = (...numbers) => numbers.reduce((total, n) => total + n, 0);
