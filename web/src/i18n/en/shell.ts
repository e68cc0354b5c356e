/** English: signing in, the list, dialogs, the state of the connection. */
export const shell = {
  'app.name': 'Vaultify Messaging',
  'app.tagline': 'Your estate, within reach.',

  'action.cancel': 'Cancel',
  'action.close': 'Close',
  'action.retry': 'Try again',
  'action.showMore': 'Show more',
  'action.back': 'Back',

  'toasts.label': 'News',

  'role.Residence': 'Residence',
  'role.Security Personnel': 'Security Personnel',
  'role.Admin': 'Admin',
  'role.Super Admin': 'Super Admin',
} as const;
