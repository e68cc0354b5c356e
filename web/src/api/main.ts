/** The readable page of the API. */
document.getElementById('root')!.textContent = 'Vaultify Messaging: API';
