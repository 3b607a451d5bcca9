"""The 3D window onto the land: the only place that knows VisPy and OpenGL."""
