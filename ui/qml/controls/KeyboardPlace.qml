import QtQuick
import "../keyboard"

// Where the keyboard lies: above Back and Continue, never over the field.
Item {
    id: place

    property var target: null
    property string kind: "none"

    implicitHeight: keys.implicitHeight

    Keyboard {
        id: keys

        anchors.fill: parent
        kind: place.kind
        target: place.target

        onDone: {
            if (place.target)
                place.target.focus = false;
        }
    }
}
