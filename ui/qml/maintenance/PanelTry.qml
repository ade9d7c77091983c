// A part of the panel that is switched on for a moment.
TestPanel {
    id: panel

    property string part: test

    TryButton {
        part: panel.part
    }
    TriedLine {
        parts: [panel.part]
    }
}
