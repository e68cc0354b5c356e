const socket = io('ws://localhost:3000/messaging', {
  auth: { token: 'your-jwt-access-token' }
});
