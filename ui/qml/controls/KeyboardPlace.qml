import QtQuick
import "../keyboard"
import "../theme"

// Where the keyboard lies: above Back and Continue, never over the field.
Item {
    id: place

    property var target: null
    property string kind: "none"

    signal closed

    implicitHeight: keys.implicitHeight

    // Composing a character is activity, although nothing is written yet.
    Connections {
        function onComposed(): void {
            if (Bridge.keyboard.preedit !== "")
                Bridge.visit.stay();
        }

        target: Bridge.keyboard
    }
    Keyboard {
        id: keys

        anchors.fill: parent
        kind: place.kind
        target: place.target

        onDone: {
            if (place.target)
                place.target.focus = false;
            place.closed();
        }
    }
}
