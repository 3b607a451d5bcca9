"""What is around the view in the window: docks, notices, menus and tool bar, help, looks, crash reports."""
