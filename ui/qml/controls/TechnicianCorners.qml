pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// The two upper corners, which nobody sees: held one after the other they call the technician's screen.
Item {
    id: corners

    signal shortTouch

    anchors.left: parent.left
    anchors.right: parent.right
    anchors.top: parent.top
    height: Theme.mm(30)

    Repeater {
        model: ["left", "right"]

        MouseArea {
            required property string modelData

            Accessible.ignored: true
            anchors.left: modelData === "left" ? parent.left : undefined
            anchors.right: modelData === "right" ? parent.right : undefined
            enabled: Touch.settled
            height: parent.height
            objectName: "corner:" + modelData
            width: height

            onCanceled: Bridge.corners.forget()
            onPressed: Bridge.corners.press(modelData)
            onReleased: {
                if (!containsMouse)
                    Bridge.corners.forget();
                else if (Bridge.corners.release(modelData))
                    corners.shortTouch();
            }
        }
    }
}
