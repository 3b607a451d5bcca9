"""What comes with the program: scenarios, and later meshes, icons and minds."""
