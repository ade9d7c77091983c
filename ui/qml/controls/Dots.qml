pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// Something is going on: one dot after the other, slower than twice a second.
Row {
    id: dots

    property int lit: 0

    Accessible.ignored: true
    spacing: Theme.mm(7)

    Repeater {
        model: 3

        Rectangle {
            required property int index

            color: index === dots.lit ? Theme.accent : Theme.softPressed
            height: Theme.mm(9)
            radius: height / 2
            width: height
        }
    }
    Timer {
        interval: 600
        repeat: true
        running: dots.visible

        onTriggered: dots.lit = (dots.lit + 1) % 3
    }
}
