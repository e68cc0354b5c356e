// Join estate group
socket.emit('join_estate_group', { estateId: 'estate-uuid' });

// Send estate broadcast (Admin/Security only)
socket.emit('estate_broadcast', {
  message: 'Water maintenance scheduled for 2-4 PM',
  type: 'maintenance'
});

// Listen for estate broadcasts
socket.on('estate_broadcast', (data) => {
  console.log('Estate announcement:', data);
});
