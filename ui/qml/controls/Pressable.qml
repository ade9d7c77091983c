import QtQuick
import QtQuick.Templates as T
import "../theme"

// Whatever can be touched. It acts when the finger is lifted upon it, sliding off cancels, a second tap at once does
// nothing, and a touch that began on a screen which had only just appeared is not taken.
T.AbstractButton {
    id: control

    property string say: text
    property bool guarded: true
    property int repeatTime: Touch.repeatTime
    property color focusColour: Theme.focus

    signal act

    property bool armed: false
    readonly property bool waiting: repeat.running

    Accessible.name: say
    Accessible.role: Accessible.Button
    focusPolicy: Qt.TabFocus  // a touch leaves the cursor in the field where the visitor types
    implicitHeight: Math.max(Theme.target, implicitContentHeight + topPadding + bottomPadding)
    implicitWidth: Math.max(Theme.target, implicitContentWidth + leftPadding + rightPadding)
    padding: Theme.gap

    Keys.onEnterPressed: click()
    Keys.onReturnPressed: click()
    onClicked: {
        if (armed && !repeat.running) {
            if (repeatTime > 0)
                repeat.restart();
            act();
        }
    }
    onPressed: armed = !guarded || Touch.settled

    Timer {
        id: repeat

        interval: control.repeatTime
    }

    FocusRing {
        colour: control.focusColour
        control: control
        shown: control.visualFocus
    }
}
